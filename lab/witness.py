"""Counts round trips on a path: from the first call of a peer to the first byte of content from it.

    witness.py PORT RTT_MS

It runs where the caller is, sees every packet of the interface `wire`, says `{}` when it looks, and `{"trips": N}` when it
knows. What it reads are the messages of BEP 3 over TCP, unencrypted.
"""

import json
import socket
import struct
import sys
import time

ALL = 3  # what leaves is seen by those alone who ask for all protocols
SYN, ACK = 0x02, 0x10
HANDSHAKE = 68  # bytes
PIECE = 7


class Answer:
    """What comes back on one connection, in order."""

    def __init__(self):
        self.next, self.parts, self.came = None, {}, b""

    def take(self, seq, flags, data):
        if flags & SYN:
            self.next = (seq + 1) % (1 << 32)
        elif data and self.next is not None:
            self.parts[seq] = data
        while self.next in self.parts:
            data = self.parts.pop(self.next)
            self.came += data
            self.next = (self.next + len(data)) % (1 << 32)

    def has_content(self):
        """Whether a `piece` message has begun."""
        at = HANDSHAKE
        while at + 5 <= len(self.came):
            length, kind = struct.unpack_from("!IB", self.came, at)
            if length and kind == PIECE and at + 13 < len(self.came):
                return True
            at += 4 + length
        return False


def main():
    port, rtt_s = int(sys.argv[1]), float(sys.argv[2]) / 1000
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL))
    raw.bind(("wire", 0))
    print("{}", flush=True)
    called, answers = None, {}
    while True:
        packet, now = raw.recv(65535), time.monotonic()
        begin = (packet[0] & 15) * 4
        if packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP:
            continue
        source, target, seq, _, offset, flags = struct.unpack_from("!HHIIBB", packet, begin)
        if target == port and flags & (SYN | ACK) == SYN:
            called = called or now
        if source != port or called is None:
            continue
        answer = answers.setdefault(target, Answer())
        answer.take(seq, flags, packet[begin + (offset >> 4) * 4 :])
        if answer.has_content():
            print(json.dumps({"trips": (now - called) / rtt_s}), flush=True)
            return


main()
