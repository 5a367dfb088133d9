"""libtorrent behind a firewall: it has all of a torrent, and calls one peer.

    target.py ADDRESS TORRENT DIR PEER       prints `ready` when that peer is connected, then each other peer it meets
"""

import sys
import threading
import time

import libtorrent as lt

POLL_S = 0.05


def main(address, torrent, folder, peer):
    session = lt.session({
        "listen_interfaces": f"{address}:7011",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
    })
    handle = session.add_torrent({"ti": lt.torrent_info(torrent), "save_path": folder})
    while not handle.status().is_seeding:
        time.sleep(POLL_S)
    host, port = peer.rsplit(":", 1)
    handle.connect_peer((host, int(port)))
    met = set()
    while True:
        for one in handle.get_peer_info():
            if one.flags & (lt.peer_info.connecting | lt.peer_info.handshake) or one.ip[0] in met:
                continue
            met.add(one.ip[0])
            print("ready" if one.ip[0] == host else one.ip[0], flush=True)
        time.sleep(POLL_S)


if __name__ == "__main__":
    threading.Thread(target=main, args=sys.argv[1:], daemon=True).start()
    sys.stdin.read()
