"""A path between two network namespaces: a rate, a delay, a queue that drops what it has no room for, and loss.

    wire.py NAMESPACE NAMESPACE MBIT RTT_MS LOSS QUEUE_MS

Each namespace gets an interface (`wire`, 10.99.0.1 and 10.99.0.2) whose packets this process hands on. It runs as root,
says `{}` when the path stands, and ends with its standard input. Not every kernel has netem.
"""

import collections
import fcntl
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
ADDRESSES = ("10.99.0.1", "10.99.0.2")
ROOM = 2048  # bytes: more than a packet
AT_ONCE = 64  # packets taken before others get their turn


def tun(namespace, address):
    """An interface in a namespace; its packets are read and written here."""
    device, name = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK), "wire%d" % (os.getpid() % 100000)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    for words in (["link", "set", name, "netns", namespace], ["-n", namespace, "link", "set", name, "name", "wire"],
                  ["-n", namespace, "addr", "add", address + "/24", "dev", "wire"],
                  ["-n", namespace, "link", "set", "wire", "txqueuelen", "5000", "up"]):
        subprocess.run(["ip", *words], check=True)
    return device


class Way:
    """One direction."""

    def __init__(self, source, target, rate, delay_s, loss, queue_s, seed):
        self.source, self.target, self.rate, self.delay_s = source, target, rate, delay_s
        self.loss, self.queue_s, self.dice = loss, queue_s, random.Random(seed)
        self.free_at, self.under_way = 0.0, collections.deque()

    def take(self):
        for _ in range(AT_ONCE):
            try:
                packet = os.read(self.source, ROOM)
            except BlockingIOError:
                return
            now = time.monotonic()
            if self.free_at - now > self.queue_s:
                continue
            self.free_at = max(now, self.free_at) + len(packet) / self.rate
            if self.dice.random() >= self.loss:
                self.under_way.append((self.free_at + self.delay_s, packet))

    def give(self, now):
        """Hands on what is due; says when the next packet is."""
        while self.under_way and self.under_way[0][0] <= now:
            try:
                os.write(self.target, self.under_way.popleft()[1])
            except OSError:
                pass  # the interface has no room: lost, as on any path
        return self.under_way[0][0] if self.under_way else None


def main():
    names, (mbit, rtt_ms, loss, queue_ms) = sys.argv[1:3], map(float, sys.argv[3:])
    os.nice(-15)  # who is late would look like a queue
    ends = [tun(name, address) for name, address in zip(names, ADDRESSES)]
    shape = (mbit * 1e6 / 8, rtt_ms / 2000, loss, queue_ms / 1000)
    ways = [Way(ends[0], ends[1], *shape, 1), Way(ends[1], ends[0], *shape, 2)]
    print("{}", flush=True)
    while True:
        now = time.monotonic()
        due = [at for at in [way.give(now) for way in ways] if at is not None]
        patience = max(0.0, min(due) - time.monotonic()) if due else None
        ready = select.select([*ends, sys.stdin], [], [], patience)[0]
        if sys.stdin in ready:
            return
        for way in ways:
            if way.source in ready:
                way.take()


main()
