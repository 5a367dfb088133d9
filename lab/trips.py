"""Round trips from the call of a peer to the first byte of content from it, over a long path.

It needs root on Linux, and says so where it has not.
"""

import json
import subprocess
import sys
import threading
import time

from films import film, magnet, torrent
from programs import HERE, PROGRAMS, Kinora
from utp import Path

MBIT, RTT_MS = 100, 200
PATIENCE_S = 60
LOOK_S = 0.05
JOBS = {"trips": False, "trips-magnet": True}  # whether all begins with a magnet link
WANTED = {"trips": 2.1, "trips-magnet": 4.3}


def measure(stage, kind, job):
    """A program calls libtorrent, which has everything."""
    with Path(MBIT, RTT_MS, loss=0) as path, stage:
        giver = stage.program(path.end(0, PROGRAMS["libtorrent"]), 1, film("short"), host="10.99.0.1")
        giver.add(torrent("short"), [], "seed")
        while not giver.done():
            time.sleep(LOOK_S)
        peer = "%s:%d" % (giver.host, giver.port)
        helpers = [helper(path, 1, "witness.py", giver.port, RTT_MS)]
        what, peers, traits = torrent("short"), [peer], {}
        if JOBS[job]:
            what = magnet("short", "1m") + "&x.pe=" + peer
        elif kind is Kinora:
            # That somebody has everything is known before the call if a tracker said so.
            helpers.append(helper(path, 0, "tracker.py", giver.host, peer))
            url = "http://%s:%s/announce" % (giver.host, helpers[1].stdout.readline().strip())
            heard = [word for word in Kinora.discovery if word != "--no-trackers"]
            peers, traits = [], {"discovery": (*heard, "--tracker", url, "--local")}
        try:
            helpers[0].stdout.readline()
            taker = stage.program(path.end(1, kind, **traits), 2, host="10.99.0.2")
            threading.Thread(target=taker.add, args=(what, peers, "download"), daemon=True).start()
            told = helpers[0].stdout.readline()
        finally:
            for each in helpers:
                each.kill()
                each.wait()
        if not told:
            sys.exit("%s: nothing within %d s" % (kind.name, PATIENCE_S))
        return json.loads(told)


def helper(path, place, script, *words):
    """A small program of ours at one end."""
    command = [*path.within(place), sys.executable, HERE / script, *(str(word) for word in words)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    patience = threading.Timer(PATIENCE_S, process.kill)
    patience.daemon = True
    patience.start()
    return process
