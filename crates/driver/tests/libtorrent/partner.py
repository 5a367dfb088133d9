"""libtorrent, which takes part in one torrent over one transport and with one kind of encryption.

    partner.py TRANSPORT ENCRYPTION TORRENT DIR [PEER]

TRANSPORT: tcp or utp. ENCRYPTION: off, or what follows a handshake that must be encrypted: rc4, plaintext or both.
PEER: who is called, or `local` to look around (BEP 14).

Prints `listening PORT`, `met` with the transport and what was agreed on (off, rc4, plaintext) for the first peer that
is through its handshake, and `done` once it has everything on disk. Ends when standard input closes.
"""

import sys
import threading
import time

import libtorrent as lt

LEVELS = {"off": 3, "plaintext": 1, "rc4": 2, "both": 3}
FORCED, DISABLED = 0, 2
UTP = 1 << 17  # peer_info.utp_socket, which the binding does not name
POLL_S = 0.02


def met(torrent):
    """How the first peer that is through its handshake is met, if there is one."""
    for peer in torrent.get_peer_info():
        if peer.flags & (lt.peer_info.connecting | lt.peer_info.handshake):
            continue
        rc4, plaintext = lt.peer_info.rc4_encrypted, lt.peer_info.plaintext_encrypted
        agreed = "rc4" if peer.flags & rc4 else "plaintext" if peer.flags & plaintext else "off"
        return ("utp" if peer.flags & UTP else "tcp") + " " + agreed


def store(session, torrent):
    """Writes what is held in memory: a torrent is called complete before that."""
    torrent.flush_cache()
    while not any(isinstance(alert, lt.cache_flushed_alert) for alert in session.pop_alerts()):
        session.wait_for_alert(1000)


def main(transport, encryption, torrent, folder, peer=None):
    policy = DISABLED if encryption == "off" else FORCED
    session = lt.session({
        "listen_interfaces": "127.0.0.1:0",
        "alert_mask": lt.alert.category_t.storage_notification,
        "enable_dht": False,
        "enable_lsd": peer == "local",
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_tcp": transport == "tcp",
        "enable_outgoing_tcp": transport == "tcp",
        "enable_incoming_utp": transport == "utp",
        "enable_outgoing_utp": transport == "utp",
        "in_enc_policy": policy,
        "out_enc_policy": policy,
        "allowed_enc_level": LEVELS[encryption],
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
    store(session, handle)
    print("done", flush=True)
    threading.Event().wait()  # the session goes on until the process ends


if __name__ == "__main__":
    threading.Thread(target=main, args=sys.argv[1:], daemon=True).start()
    sys.stdin.read()
