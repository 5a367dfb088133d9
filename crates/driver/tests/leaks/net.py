"""The world beyond two network interfaces: names, trackers, a SOCKS5 proxy, and a witness on each interface.

usage: net.py PEER_PORT INTERFACE...   prints `ready`, then for every line on standard input what was seen since.
"""

import asyncio
import json
import socket
import struct
import sys
import threading
import time

PEER_PORT = int(sys.argv[1])
PEER = ("45.1.1.3", "2600:45::3")
# The first address of each family answers nobody.
HOSTS = {
    "tracker.example": (["45.1.1.1", "45.1.1.2"], ["2600:45::1", "2600:45::2"]),
    "dht.example": (["45.1.1.3"], ["2600:45::3"]),
    "proxy.example": (["45.1.1.9"], []),
}
RESET = 4  # a flag of TCP
SEEN = {}
LOCK = threading.Lock()


def witness(interface):
    """Notes every packet but those by which systems find each other in a local network, and a system's own answers
    to strays: it sends them by its routing table, and no program can tell it otherwise."""
    threading.Thread(target=note, args=(bound(interface), interface), daemon=True).start()


def bound(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    raw.bind((interface, 0))
    return raw


def note(raw, interface):
    while True:
        try:
            told = tell(raw.recv(65535))
        except OSError:  # the interface is gone, and comes back as another one
            raw, told = back(interface), None
        if told:
            with LOCK:
                SEEN.setdefault(interface, set()).add(told)


def back(interface):
    while True:
        try:
            return bound(interface)
        except OSError:
            time.sleep(0.005)


def tell(frame):
    kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[14:]
    if kind == 0x0800:
        proto, begin = packet[9], (packet[0] & 15) * 4
        hosts = [socket.inet_ntop(socket.AF_INET, packet[at : at + 4]) for at in (12, 16)]
    elif kind == 0x86DD:
        proto, begin = packet[6], 40
        hosts = [socket.inet_ntop(socket.AF_INET6, packet[at : at + 16]) for at in (8, 24)]
        if proto in (0, 58):  # neighbours and multicast listeners (RFC 4861, 3810)
            return None
    else:
        return None  # ARP
    if proto == 1 and packet[begin] == 3 or proto == 6 and packet[begin + 13] & RESET:
        return None
    ports = struct.unpack_from("!HH", packet, begin) if proto in (6, 17) else (0, 0)
    name = {6: "tcp", 17: "udp"}.get(proto, str(proto))
    return f"{name} {hosts[0]} {ports[0]} {hosts[1]} {ports[1]}"


class Names(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, question, addr):
        self.transport.sendto(answer_name(question), addr)


def answer_name(question):
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode())
        at += 1 + question[at]
    kind = struct.unpack_from("!H", question, at + 1)[0]
    asked = question[12 : at + 5]
    v4, v6 = HOSTS.get(".".join(labels).lower(), ([], []))
    found = [socket.inet_aton(ip) for ip in v4] if kind == 1 else []
    found += [socket.inet_pton(socket.AF_INET6, ip) for ip in v6] if kind == 28 else []
    head = question[:2] + struct.pack("!HHHHH", 0x8180, 1, len(found), 0, 0)
    records = [b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(ip)) + ip for ip in found]
    return head + asked + b"".join(records)


class UdpTracker(asyncio.DatagramProtocol):
    def __init__(self, family, host):
        self.peer = socket.inet_pton(family, host) + struct.pack("!H", PEER_PORT)

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, packet, addr):
        action, transaction = struct.unpack_from("!II", packet, 8)
        if action == 0:
            answer = struct.pack("!IIQ", 0, transaction, 7)
        else:
            answer = struct.pack("!IIIII", 1, transaction, 1800, 0, 1) + self.peer
        self.transport.sendto(answer, addr)


async def http_tracker(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    peers = socket.inet_aton(PEER[0]) + struct.pack("!H", PEER_PORT)
    body = b"d8:intervali1800e5:peers6:" + peers + b"e"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    writer.close()


class Relay(asyncio.DatagramProtocol):
    """What goes in and out of a proxy over UDP (RFC 1928, section 7). One side knows the client, the other the world."""

    def __init__(self):
        self.client = self.others = None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, packet, addr):
        if self.others is None:  # from the world
            ip = socket.inet_pton(self.family, addr[0])
            kind = 1 if self.family == socket.AF_INET else 4
            head = struct.pack("!HBB", 0, 0, kind) + ip + struct.pack("!H", addr[1])
            return self.inside.transport.sendto(head + packet, self.inside.client)
        self.client = addr
        if packet[3] == 1:
            host, rest = socket.inet_ntoa(packet[4:8]), packet[8:]
        elif packet[3] == 4:
            host, rest = socket.inet_ntop(socket.AF_INET6, packet[4:20]), packet[20:]
        elif packet[3] == 3:
            end = 5 + packet[4]
            host, rest = HOSTS.get(packet[5:end].decode(), (["45.1.1.1"], []))[0][-1], packet[end:]
        else:
            return
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.others[family].transport.sendto(rest[2:], (host, struct.unpack_from("!H", rest)[0]))


async def relay(reader, writer):
    loop = asyncio.get_running_loop()
    hosts = ("45.1.1.9", "45.1.1.9", "2600:45::9")
    ends = [await loop.create_datagram_endpoint(Relay, (host, 0)) for host in hosts]
    (_, inside), (_, outside), (_, outside_v6) = ends
    inside.others = {socket.AF_INET: outside, socket.AF_INET6: outside_v6}
    for family, end in inside.others.items():
        end.inside, end.family = inside, family
    port = inside.transport.get_extra_info("sockname")[1]
    writer.write(b"\x05\x00\x00\x01" + bytes(4) + struct.pack("!H", port))
    await reader.read()
    for transport, _ in ends:
        transport.close()
    writer.close()


async def relaying_proxy(reader, writer):
    await proxy(reader, writer, relays=True)


async def proxy(reader, writer, relays=False):
    """SOCKS5 without a login, which knows names."""
    count = (await reader.readexactly(2))[1]
    await reader.readexactly(count)
    writer.write(b"\x05\x00")
    command, kind = struct.unpack("!xBxB", await reader.readexactly(4))
    if kind == 1:
        host = socket.inet_ntop(socket.AF_INET, await reader.readexactly(4))
    elif kind == 4:
        host = socket.inet_ntop(socket.AF_INET6, await reader.readexactly(16))
    else:
        name = await reader.readexactly((await reader.readexactly(1))[0])
        host = HOSTS.get(name.decode(), (["45.1.1.1"], []))[0][-1]
    port = struct.unpack("!H", await reader.readexactly(2))[0]
    if command == 3 and relays:
        return await relay(reader, writer)
    try:
        assert command == 1, "only TCP"
        onward = await asyncio.open_connection(host, port)
    except (OSError, AssertionError):
        writer.write(b"\x05\x07\x00\x01" + bytes(6))
        return writer.close()
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    await asyncio.gather(pump(reader, onward[1]), pump(onward[0], writer))


async def pump(reader, writer):
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def main():
    loop = asyncio.get_running_loop()
    for host in ("45.1.1.53", "2600:45::53"):
        await loop.create_datagram_endpoint(Names, (host, 53))
    for family, host, peer in (
        (socket.AF_INET, "45.1.1.2", PEER[0]),
        (socket.AF_INET6, "2600:45::2", PEER[1]),
    ):
        await loop.create_datagram_endpoint(lambda: UdpTracker(family, peer), (host, 6969))
        await asyncio.start_server(http_tracker, host, 80)
    await asyncio.start_server(proxy, "45.1.1.9", 1080)
    await asyncio.start_server(relaying_proxy, "45.1.1.9", 1081)
    for interface in sys.argv[2:]:
        witness(interface)
    print("ready", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        with LOCK:
            told = {interface: sorted(SEEN.pop(interface, ())) for interface in sys.argv[2:]}
        print(json.dumps(told), flush=True)


asyncio.run(main())
