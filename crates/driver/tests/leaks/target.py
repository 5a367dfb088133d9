"""libtorrent behind a firewall: it has all of a torrent, and calls one peer.

    target.py ADDRESS TORRENT DIR PEER       prints `ready` when that peer is connected
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
    while not any(is_there(one, host) for one in handle.get_peer_info()):
        time.sleep(POLL_S)
    print("ready", flush=True)
    threading.Event().wait()


def is_there(one, host):
    is_coming = one.flags & (lt.peer_info.connecting | lt.peer_info.handshake)
    return one.ip[0] == host and not is_coming


if __name__ == "__main__":
    threading.Thread(target=main, args=sys.argv[1:], daemon=True).start()
    sys.stdin.read()
