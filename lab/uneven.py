"""Swarms in which one peer is fast and the others are slow, very slow or silent.

A program finds out by itself whom to ask for what is needed next. So it is not the film's rate that is looked at,
but how soon the first 256 KiB are there: of the film, of its end (where many players look for an index), and of its
middle after fifteen seconds of reading as fast as it comes.
"""

import random
import time

from player import TooLate

KB = 1000
ENOUGH = 256 * 1024  # bytes
READING_S = 15
PATIENCE_S = 60  # who brings nothing for so long counts with that time

# What each line carries, in bytes per second.
ONE_FAST = [2000 * KB] + [150 * KB] * 4 + [20 * KB] * 5
SWARMS = {
    "B": {"rates": ONE_FAST, "rtt_s": 0.1, "piece": "4m", "silent": 0},
    "C": {"rates": ONE_FAST, "rtt_s": 0.1, "piece": "4m", "silent": 3},
    "D": {"rates": [60 * KB] * 40, "rtt_s": 0.15, "piece": "1m", "silent": 0},
}
CONTENTS = ("v1", "v2", "hybrid")
JOBS = {name + ("" if content == "v1" else "-" + content): (name, content) for content in CONTENTS for name in SWARMS}


def order(count, seed):
    """The places of so many peers among the addresses that a program is given: the same for all programs."""
    places = list(range(count))
    random.Random(seed).shuffle(places)
    return places


def read(player, url, began):
    """What a player reads, and how long it waits for it."""
    last = len(player.film) - ENOUGH
    found = {"head_s": patient(player, url, 0, began), "tail_s": patient(player, url, last, time.monotonic())}
    came = player.read(url, 0, READING_S)
    found["seek_s"] = patient(player, url, len(player.film) // 2, time.monotonic())
    return {**found, "read_mb": came / 1e6}


def patient(player, url, at, since):
    try:
        return player.fetch(url, at, ENOUGH, since, PATIENCE_S)
    except TooLate:
        return float(PATIENCE_S)


def floors(job):
    """No program is sooner: all lines full from the first moment, and the shortest way of asking.

    Blocks of v1 are verified by the piece. Those of the other versions are by themselves, with one question more.
    """
    name, content = JOBS[job]
    swarm = SWARMS[name]
    needed = max(ENOUGH, int(swarm["piece"][:-1]) << 20) if content == "v1" else ENOUGH
    flow, trip = needed / sum(swarm["rates"]), swarm["rtt_s"]
    return "head %.2f s, seek %.2f s" % (flow + 4 * trip, flow + trip)
