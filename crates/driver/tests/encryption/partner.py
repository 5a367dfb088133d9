"""libtorrent, which takes part in one torrent and speaks only in encrypted handshakes.

    partner.py METHOD TORRENT DIR [PEER]     METHOD: rc4, plaintext (after the handshake) or both

Prints `listening PORT`, `met METHOD` for the first peer that is through its handshake, and `done` once it has
everything. Ends when standard input closes.
"""

import sys
import threading
import time

import libtorrent as lt

METHODS = {"plaintext": 1, "rc4": 2, "both": 3}
FORCED = 0
POLL_S = 0.02


def met(torrent):
    for peer in torrent.get_peer_info():
        if peer.flags & lt.peer_info.handshake:
            continue
        return "rc4" if peer.flags & lt.peer_info.rc4_encrypted else "plaintext"


def main(method, torrent, folder, peer=None):
    session = lt.session({
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "in_enc_policy": FORCED,
        "out_enc_policy": FORCED,
        "allowed_enc_level": METHODS[method],
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
    if peer:
        host, port = peer.rsplit(":", 1)
        handle.connect_peer((host, int(port)))
    while not (method := met(handle)):
        time.sleep(POLL_S)
    print("met", method, flush=True)
    while not handle.status().is_seeding:
        time.sleep(POLL_S)
    print("done", flush=True)
    threading.Event().wait()  # the session goes on until the process ends


if __name__ == "__main__":
    threading.Thread(target=main, args=sys.argv[1:], daemon=True).start()
    sys.stdin.read()
