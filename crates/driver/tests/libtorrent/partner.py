"""libtorrent, which takes part in one torrent and speaks uTP alone.

    partner.py PORT ENCRYPTION TORRENT DIR [PEER]     PORT: where it listens, 0 for any; ENCRYPTION: off or forced;
                                                      PEER: who is called, or `local` to look around (BEP 14)

Prints `listening PORT`, `met` and how for the first peer that is through its handshake, and `done` once it has
everything. Ends when standard input closes.
"""

import sys
import threading
import time

import libtorrent as lt

DISABLED, FORCED = 2, 0
UTP = 1 << 17  # peer_info.utp_socket, which the binding does not name
POLL_S = 0.02


def met(torrent):
    for peer in torrent.get_peer_info():
        if peer.flags & lt.peer_info.handshake:
            continue
        return "utp" if peer.flags & UTP else "tcp"


def main(port, encryption, torrent, folder, peer=None):
    policy = FORCED if encryption == "forced" else DISABLED
    session = lt.session({
        "listen_interfaces": f"127.0.0.1:{port}",
        "enable_dht": False,
        "enable_lsd": peer == "local",
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_tcp": False,
        "enable_outgoing_tcp": False,
        "in_enc_policy": policy,
        "out_enc_policy": policy,
        "allowed_enc_level": 3,
        "prefer_rc4": True,
    })
    handle = session.add_torrent({"ti": lt.torrent_info(torrent), "save_path": folder})
    # Slow enough that the peer is seen while it is there.
    handle.set_upload_limit(4_000_000)
    handle.set_download_limit(4_000_000)
    checking = (lt.torrent_status.checking_files, lt.torrent_status.checking_resume_data)
    while handle.status().state in checking:
        time.sleep(POLL_S)
    print("listening", session.listen_port(), flush=True)
    if peer and peer != "local":
        host, port = peer.rsplit(":", 1)
        handle.connect_peer((host, int(port)))
    while not (how := met(handle)):
        time.sleep(POLL_S)
    print("met", how, flush=True)
    while not handle.status().is_seeding:
        time.sleep(POLL_S)
    print("done", flush=True)
    threading.Event().wait()  # the session goes on until the process ends


if __name__ == "__main__":
    threading.Thread(target=main, args=sys.argv[1:], daemon=True).start()
    sys.stdin.read()
