"""Two networks behind firewalls, and whoever runs in this namespace between them: what one side did not ask for from
the other does not come in. UDP alone is passed on.

usage: firewall.py INTERFACE INTERFACE   prints `ready`, then for every line on standard input how many datagrams went
through in each direction, and how many were turned away in both.
"""

import json
import socket
import struct
import sys
import threading

IPV4 = 0x0800
UDP = 17


class Side:
    def __init__(self, name):
        self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4))
        self.raw.bind((name, 0))
        self.mac = self.raw.getsockname()[4]
        self.neighbour = None  # the one host there, as soon as it has said anything
        self.passed = self.refused = 0


def ends(packet):
    """The addresses and ports of a datagram, or nothing if it is none."""
    begin = (packet[0] & 15) * 4
    if packet[9] != UDP or len(packet) < begin + 8:
        return None
    ports = struct.unpack_from("!HH", packet, begin)
    return (packet[12:16], ports[0]), (packet[16:20], ports[1])


def unchecked(packet):
    """Without a checksum (RFC 768), which the sender left to a card that is not there."""
    begin = (packet[0] & 15) * 4
    return packet[: begin + 6] + b"\0\0" + packet[begin + 8 :]


def carry(here, there, own, asked):
    while True:
        frame = here.raw.recv(65535)
        if frame[6:12] == here.mac:
            continue  # ours, on its way out
        here.neighbour = frame[6:12]
        found = ends(frame[14:])
        if not found or found[1][0] in own:
            continue
        source, target = found
        asked.add((source, target))
        if (target, source) in asked and there.neighbour:
            header = there.neighbour + there.mac + struct.pack("!H", IPV4)
            there.raw.send(header + unchecked(frame[14:]))
            here.passed += 1
        else:
            here.refused += 1


def main(names):
    one, two = sides = [Side(name) for name in names]
    own, asked = {socket.inet_aton(host) for host in ("81.1.0.1", "82.1.0.1")}, set()
    for here, there in ((one, two), (two, one)):
        threading.Thread(target=carry, args=(here, there, own, asked), daemon=True).start()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps([one.passed, two.passed, one.refused + two.refused]), flush=True)


main(sys.argv[1:])
