"""uTP beside TCP on one path: the same download, over one and over the other, between two namespaces.

It needs root on Linux, and says so where it has not.
"""

import json
import os
import subprocess
import sys
import time

from films import WORK, film, torrent
from programs import HERE, Kinora

RTT_MS, LOSS, QUEUE_MS = 100, 0.0001, 200
# By the rate of the path in Mbit/s: what is downloaded takes some twenty seconds.
FILMS = {20: "short", 100: "middle"}
JOBS = {"utp-%d" % mbit: mbit for mbit in FILMS}
LEAST = 0.9  # of what TCP carries
PATIENCE_S = 300


class Path:
    """Two namespaces and the path between them; all goes with it."""

    def __init__(self, mbit, rtt_ms=RTT_MS, loss=LOSS):
        self.names = ["kinora-lab-%d-%s" % (os.getpid(), end) for end in ("a", "b")]
        for name in self.names:
            subprocess.run(["ip", "netns", "add", name], check=True)
            subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        shape = [str(word) for word in (mbit, rtt_ms, loss, QUEUE_MS)]
        self.wire = subprocess.Popen([sys.executable, HERE / "wire.py", *self.names, *shape], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE)
        self.wire.stdout.readline()

    def within(self, place):
        """What starts a program at one end."""
        return ("ip", "netns", "exec", self.names[place])

    def end(self, place, kind, **traits):
        """A program at one end, with traits of its own."""
        return type(kind.__name__, (kind,), {"within": self.within(place), **traits})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.stdin.close()
        self.wire.wait(10)
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name])


def possible():
    """Whether namespaces can be made here."""
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("uTP and round trips are left out: network namespaces and /dev/net/tun want root on Linux", file=sys.stderr)
        return False
    return True


def measure(stage, job):
    """Both transports, one after the other."""
    mbit = JOBS[job]
    found = {}
    for transport in ("tcp", "utp"):
        with Path(mbit) as path:
            found[transport + "_s"] = fetch(stage(), path, transport, FILMS[mbit])
    return {**found, "by_tcp": found["tcp_s"] / found["utp_s"]}


def fetch(stage, path, transport, name):
    with stage:
        giver = stage.program(path.end(0, Kinora, transport=transport), 1, film(name), host="10.99.0.1")
        giver.add(torrent(name), [], "seed")
        taker = stage.program(path.end(1, Kinora, transport=transport), 2, host="10.99.0.2")
        began = time.monotonic()
        taker.add(torrent(name), ["%s:%d" % (giver.host, giver.port)], "download")
        while not taker.done():
            if time.monotonic() - began > PATIENCE_S:
                sys.exit("%s: not within %d s over %s" % (name, PATIENCE_S, transport))
            time.sleep(0.02)
        took = time.monotonic() - began
        taker.stop()
        if subprocess.run(["cmp", "-s", film(name), os.path.join(taker.folder, film(name).name)]).returncode:
            sys.exit("a wrong byte arrived over " + transport)
        return took
