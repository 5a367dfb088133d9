// No WebRTC: webtorrent asks for it when it starts, and the lab's peers are reached over TCP.
class None {
  constructor() {
    throw new Error('there is no WebRTC in the lab')
  }
}

export const RTCPeerConnection = None
export const RTCSessionDescription = None
export const RTCIceCandidate = None
export default { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }
