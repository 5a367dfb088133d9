"""libtorrent as a program: downloads, seeds, and streams over HTTP. Run by `programs.py`.

Streaming is done as its manual advises: pieces get deadlines over a window that follows the reader.
"""

import http.server
import json
import re
import sys
import threading

import libtorrent as lt

FOLDER, HOST, PORT, CONTROL = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
WINDOW = 5_000_000  # bytes ahead of the reader that have a deadline
SPACING_MS = 250  # between the deadlines of two pieces

session = lt.session({
    "listen_interfaces": "%s:%d" % (HOST, PORT),
    "outgoing_interfaces": HOST,
    "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
    "enable_outgoing_utp": False, "enable_incoming_utp": False,
    "in_enc_policy": lt.enc_policy.pe_disabled, "out_enc_policy": lt.enc_policy.pe_disabled,
    "allow_multiple_connections_per_ip": True,
    "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.storage_notification,
})
handle = None
arrived = threading.Condition()
pieces = {}
flushed = threading.Event()


def listen():
    while True:
        session.wait_for_alert(200)
        for alert in session.pop_alerts():
            if isinstance(alert, lt.read_piece_alert) and alert.buffer is not None:
                with arrived:
                    pieces[alert.piece] = alert.buffer
                    arrived.notify_all()
            elif isinstance(alert, lt.cache_flushed_alert):
                flushed.set()


class Film(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    reader = 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        info = handle.torrent_file()
        wanted = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        begin, size = int(wanted[1]) if wanted else 0, info.total_size()
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(size - begin))
        self.send_header("Content-Range", "bytes %d-%d/%d" % (begin, size - 1, size))
        self.end_headers()
        Film.reader += 1
        try:
            self.give(info, begin, size, Film.reader)
        except OSError:
            pass  # the player has gone elsewhere
        self.close_connection = True

    def give(self, info, at, size, reader):
        length, asked = info.piece_length(), at // info.piece_length()
        handle.clear_piece_deadlines()
        handle.prioritize_pieces([1] * asked + [4] * (info.num_pieces() - asked))
        pieces.clear()
        while at < size and reader == Film.reader:
            piece = at // length
            while asked < info.num_pieces() and asked <= piece + max(2, WINDOW // length):
                handle.set_piece_deadline(asked, (asked - piece) * SPACING_MS, lt.deadline_flags_t.alert_when_available)
                asked += 1
            with arrived:
                if not arrived.wait_for(lambda: piece in pieces or reader != Film.reader, 90) or reader != Film.reader:
                    return
                part = pieces.pop(piece)[at - piece * length:]
            self.wfile.write(part)
            at += len(part)


def add(torrent, peers, job):
    global handle
    params = lt.parse_magnet_uri(torrent) if torrent.startswith("magnet:") else lt.add_torrent_params()
    if not torrent.startswith("magnet:"):
        params.ti = lt.torrent_info(torrent)
    params.save_path = FOLDER
    if job == "stream":
        params.flags |= lt.torrent_flags.sequential_download
        session.apply_settings({"request_queue_time": 1})
    handle = session.add_torrent(params)
    for peer in peers:
        host, port = peer.rsplit(":", 1)
        handle.connect_peer((host, int(port)))
    if job != "stream":
        return {}
    while not handle.status().has_metadata:
        session.wait_for_alert(10)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", CONTROL), Film)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"url": "http://127.0.0.1:%d/film" % CONTROL}


def main():
    threading.Thread(target=listen, daemon=True).start()
    print("{}", flush=True)
    for line in sys.stdin:
        what = json.loads(line)
        if what["do"] == "add":
            print(json.dumps(add(what["torrent"], what["peers"], what["job"])), flush=True)
        else:
            print(json.dumps({"done": handle.status().is_seeding}), flush=True)
    if handle:
        handle.flush_cache()
        flushed.wait(20)


main()
