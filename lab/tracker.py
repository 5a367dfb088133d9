"""A tracker that names the same peers to whoever asks, and counts them as seeds (BEP 3, compact as in BEP 23).

    tracker.py HOST PEER...

says at which port of the host it answers, and ends with its standard input.
"""

import http.server
import socket
import sys
import threading


def tracker(peers, host="127.0.0.1"):
    places = [peer.rsplit(":", 1) for peer in peers]
    compact = b"".join(socket.inet_aton(host) + int(port).to_bytes(2, "big") for host, port in places)
    answer = b"d8:completei%de10:incompletei0e8:intervali1800e5:peers%d:%be" % (len(peers), len(compact), compact)

    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((host, 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    print(tracker(sys.argv[2:], sys.argv[1]).server_port, flush=True)
    sys.stdin.read()
