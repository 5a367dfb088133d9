"""libtorrent as a client of BEP 46: finds a mutable item in the DHT and fetches the torrent that its `ih` names.

    reader.py KEY SALT DIR PEER NODE...

KEY and SALT in hexadecimal; PEER and each NODE of the DHT a port on loopback. Prints one line of JSON: what the item
says, and the SHA-256 of each file that came.
"""

import hashlib
import json
import pathlib
import sys
import time

import libtorrent as lt

PATIENCE_S = 300


def session():
    return lt.session({
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": True,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "dht_bootstrap_nodes": "",
        "dht_restrict_routing_ips": False,
        "dht_restrict_search_ips": False,
        "dht_ignore_dark_internet": False,
        "alert_mask": lt.alert.category_t.dht_notification | lt.alert.category_t.storage_notification
        | lt.alert.category_t.dht_operation_notification,
    })


def item(ours, key, salt, until):
    """Its `seq` and what it says, asked for again until somebody has it."""
    while time.monotonic() < until:
        ours.dht_get_mutable_item(key, salt)
        again = time.monotonic() + 5
        while time.monotonic() < again:
            ours.wait_for_alert(200)
            for alert in ours.pop_alerts():
                if isinstance(alert, lt.dht_mutable_item_alert) and alert.item:
                    # What an alert has is gone with the next ones.
                    return alert.seq, dict(alert.item)
    sys.exit("nobody has the item")


def fetched(ours, infohash, folder, peer, until):
    """Everything of a torrent of which only the infohash is known."""
    torrent = lt.parse_magnet_uri(f"magnet:?xt=urn:btih:{infohash.hex()}")
    torrent.save_path = folder
    handle = ours.add_torrent(torrent)
    handle.connect_peer(("127.0.0.1", peer))
    while not handle.status().is_seeding:
        if time.monotonic() > until:
            sys.exit("the torrent does not come")
        time.sleep(0.05)
    handle.flush_cache()
    while not any(isinstance(alert, lt.cache_flushed_alert) for alert in ours.pop_alerts()):
        ours.wait_for_alert(1000)


def main(key, salt, folder, peer, *nodes):
    until = time.monotonic() + PATIENCE_S
    ours = session()
    for node in nodes:
        ours.add_dht_node(("127.0.0.1", int(node)))
    seq, said = item(ours, bytes.fromhex(key), bytes.fromhex(salt), until)
    infohash = said[b"ih"]
    fetched(ours, infohash, folder, int(peer), until)
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    print(json.dumps({
        "seq": seq,
        "version": said[b"n"],
        "ih": infohash.hex(),
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }))


if __name__ == "__main__":
    main(*sys.argv[1:])
