"""A node of libtorrent's in the DHT: one question per line on standard input, one JSON answer per line back.

    enter PORT               tells of a node on loopback
    nodes                    how many nodes it knows
    announce HASH PORT       announces a peer at PORT
    peers HASH               finds peers
    put SEED KEY SALT TEXT   puts a text under a key and salt (hexadecimal, - for none)
    get KEY SALT             finds what is under a key and salt
"""

import hashlib
import json
import sys
import time
import warnings

import libtorrent as lt

warnings.filterwarnings("ignore", category=DeprecationWarning)

session = lt.session(
    {
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": True,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "dht_bootstrap_nodes": "",
        "dht_restrict_routing_ips": False,
        "dht_restrict_search_ips": False,
        "dht_ignore_dark_internet": False,
        # All nodes of a test have one address.
        "dht_block_ratelimit": 100000,
        "dht_upload_rate_limit": 10000000,
        "alert_mask": lt.alert.category_t.dht_notification | lt.alert.category_t.dht_operation_notification
        | lt.alert.category_t.stats_notification | lt.alert.category_t.status_notification,
    }
)


def wait_for(kind, accept=lambda alert: True, patience=20):
    """The first alert of a kind."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        session.wait_for_alert(100)
        for alert in session.pop_alerts():
            if isinstance(alert, kind) and accept(alert):
                return alert
    return None


def enter(port):
    session.add_dht_node(("127.0.0.1", int(port)))
    return True


def nodes():
    session.post_session_stats()
    alert = wait_for(lt.session_stats_alert)
    return alert.values["dht.dht_nodes"] if alert else 0


def announce(infohash, port):
    session.dht_announce(lt.sha1_hash(bytes.fromhex(infohash)), int(port), 0)
    return True


def peers(infohash):
    wanted = lt.sha1_hash(bytes.fromhex(infohash))
    session.dht_get_peers(wanted)
    alert = wait_for(lt.dht_get_peers_reply_alert, lambda a: a.info_hash == wanted)
    return sorted({f"{host}:{port}" for host, port in alert.peers()}) if alert else []


def expanded(seed):
    """A private key in the form that libtorrent signs with (RFC 8032, 5.1.5)."""
    key = bytearray(hashlib.sha512(seed).digest())
    key[0] &= 248
    key[31] = key[31] & 63 | 64
    return bytes(key)


def put(seed, public, salt, text):
    seed, public, salt = bytes.fromhex(seed), bytes.fromhex(public), bytes.fromhex(salt)
    session.dht_put_mutable_item(expanded(seed), public, text.encode(), salt)
    alert = wait_for(lt.dht_put_alert)
    return alert.num_success if alert else 0


def get(key, salt):
    session.dht_get_mutable_item(bytes.fromhex(key), bytes.fromhex(salt))
    alert = wait_for(lt.dht_mutable_item_alert, lambda a: a.item is not None)
    return None if alert is None else {"value": plain(alert.item), "seq": alert.seq}


def plain(value):
    """A value that JSON can hold."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    return value


QUESTIONS = {question.__name__: question for question in [enter, nodes, announce, peers, put, get]}

print(json.dumps({"port": session.listen_port()}), flush=True)
for line in sys.stdin:
    name, *arguments = line.split()
    print(json.dumps(QUESTIONS[name](*(one if one != "-" else "" for one in arguments))), flush=True)
