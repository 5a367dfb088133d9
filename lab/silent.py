"""A peer that says it has everything, lets itself be asked, and never answers."""

import socketserver
import threading

HANDSHAKE = 68
INTERESTED = 2
NOTHING_SPECIAL = bytes(8)  # no extension of the protocol
UNCHOKE = bytes([0, 0, 0, 1, 1])


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        theirs = self.rfile.read(HANDSHAKE)
        if len(theirs) < HANDSHAKE:
            return
        name = b"-SILENT-%012d" % self.server.server_address[1]
        self.wfile.write(theirs[:20] + NOTHING_SPECIAL + theirs[28:48] + name + self.server.bitfield)
        while length := self.rfile.read(4):
            message = self.rfile.read(int.from_bytes(length, "big"))
            if message[:1] == bytes([INTERESTED]):
                self.wfile.write(UNCHOKE)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Who is asked and never answers is hung up on."""


class Silent:
    """It listens on `host` until it is stopped, as long as the programs of a run do."""

    def __init__(self, host, pieces):
        self.server = Server((host, 0), Talk)
        bits = bytearray(b"\xff" * (pieces // 8))
        if pieces % 8:
            bits.append(0xFF00 >> pieces % 8 & 0xFF)
        self.server.bitfield = (1 + len(bits)).to_bytes(4, "big") + b"\x05" + bytes(bits)
        self.host, self.port = self.server.server_address
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
