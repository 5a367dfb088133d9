#!/usr/bin/env python3
"""Kinora beside other programs, on this machine, in alternated runs. `README.md` says what is measured and how."""

import argparse
import json
import math
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time

import trips
import uneven
import utp
from films import WORK, film, magnet, torrent
from line import Lines
from player import Player, TooLate
from programs import PROGRAMS, Kinora, Library
from silent import Silent

MBIT = 1_000_000 / 8
MEDIA = 8 * MBIT  # the film's bytes per second

SCENARIOS = {
    "S1": {"up_mbit": [4] * 8, "rtt_ms": [40] * 8, "piece": "1m"},
    "S2": {"up_mbit": "uneven", "rtt_ms": "uneven", "piece": "1m", "silent": 3},
    "S3": {"up_mbit": [100], "rtt_ms": [80], "piece": "2m", "film": "long", "seek_range": (0.45, 0.95)},
    "S4": {"up_mbit": [4] * 8, "rtt_ms": [40] * 8, "piece": "1m", "magnet": True, "play_s": 15, "seeks": 0},
}
TRIPS_TO_START = 4  # TCP, handshake, unchoke, the first block
TRIPS_TO_SEEK = 1
SEEK_PATIENCE = 90  # seconds


class Usage(threading.Thread):
    """CPU seconds and the peak of memory of a program while a job runs."""

    def __init__(self, program):
        super().__init__(daemon=True)
        self.program, self.over, self.peak, self.cpu = program, False, 0.0, 0.0
        self.before = program.usage()[0] if program.process else 0.0

    def look(self):
        if self.program.process:
            cpu, memory = self.program.usage()
            self.cpu, self.peak = cpu - self.before, max(self.peak, memory)

    def run(self):
        while not self.over:
            self.look()
            time.sleep(0.05)

    def end(self):
        self.over = True
        self.look()
        return {"cpu_s": self.cpu, "memory_mib": self.peak}


class Stage:
    """A folder for one run, and every program started in it; all ends with it."""

    def __init__(self):
        self.root = WORK / "run"
        self.programs, self.lines = [], None
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.stop()
        if self.lines:
            self.lines.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def program(self, kind, place, film=None, host=None):
        """A program on an address of its own; one that seeds finds the film in its folder."""
        folder = self.root / ("%s-%d" % (kind.name, place))
        folder.mkdir(parents=True)
        if film:
            (folder / film.name).hardlink_to(film)
        program = kind(folder, host or "127.0.2.%d" % place, 17000 + place, 18000 + place)
        self.programs.append(program)
        program.prepare()
        return program


def until_done(program, patience_s=300):
    end = time.monotonic() + patience_s
    while not program.done():
        if time.monotonic() > end:
            sys.exit("%s did not end within %d s" % (program.name, patience_s))
        time.sleep(0.02)


def transfer(kind, seeds):
    """One GiB between two programs over loopback; the other side is libtorrent."""
    rival, path = PROGRAMS["libtorrent"], film("film")
    with Stage() as stage:
        giver = stage.program(kind if seeds else rival, 1, path)
        giver.add(torrent("film"), [], "seed")
        until_done(giver)
        taker = stage.program(rival if seeds else kind, 2)
        measured = Usage(giver if seeds else taker)
        measured.start()
        began = time.monotonic()
        taker.add(torrent("film"), ["%s:%d" % (giver.host, giver.port)], "download")
        until_done(taker)
        wall = time.monotonic() - began
        found = {"wall_s": wall, **measured.end()}
        taker.stop()
        if subprocess.run(["cmp", "-s", path, pathlib.Path(taker.folder) / path.name]).returncode:
            sys.exit("%s: a wrong byte arrived" % kind.name)
        return found


def expand(scenario, seed):
    """The swarm of a scenario: `up_mbit`, `rtt_ms` of each seeder, and the places to seek."""
    dice = random.Random(seed)
    ups, trips = scenario["up_mbit"], scenario["rtt_ms"]
    if ups == "uneven":  # 30 seeders that together carry 1.5 times the film's rate
        ups = [dice.lognormvariate(0, 0.8) for _ in range(30)]
        ups = [max(0.1, up * 1.5 * 8 / sum(ups)) for up in ups]
        trips = [dice.uniform(20, 200) for _ in ups]
    first, last = scenario.get("seek_range", (0.3, 0.95))
    seeks = sorted((dice.uniform(first, last) for _ in range(scenario.get("seeks", 5))), key=lambda _: dice.random())
    return ups, trips, seeks


def floor(name, seed):
    """No program is sooner: all lines full from the first moment, in whole pieces, and the shortest way of asking."""
    scenario = SCENARIOS[name]
    ups, trips, seeks = expand(scenario, seed)
    length, piece = film(scenario.get("film", "film")).stat().st_size, int(scenario["piece"][:-1]) << 20

    def reached(place, media_s, round_trips):
        pieces = math.ceil(min(length, place + media_s * MEDIA) / piece) - place // piece
        return pieces * piece / (sum(ups) * MBIT) + round_trips * statistics.median(trips) / 1000

    start = "start %.2f s" % reached(0, 5, TRIPS_TO_START)
    jumps = [reached(int(place * length), 2, TRIPS_TO_SEEK) for place in seeks]
    return start + (", seek %.2f s" % statistics.median(jumps) if jumps else "")


def swarm(stage, path, what, ups, trips, silent=()):
    """Seeders, each behind a line of its own; behind the last lines are those who never answer."""
    seeders = [stage.program(PROGRAMS["libtorrent"], place + 1, path) for place in range(len(ups) - len(silent))]
    for each in seeders:
        each.add(what, [], "seed")
    for each in seeders:
        until_done(each)
    stage.lines = Lines([("127.0.3.%d" % (place + 1), (each.host, each.port), up, trip)
                         for place, (each, up, trip) in enumerate(zip([*seeders, *silent], ups, trips))])


def stream(kind, name, seed):
    """A viewer watches two minutes over uneven lines, and seeks five times."""
    scenario = SCENARIOS[name]
    ups, trips, seeks = expand(scenario, seed)
    which, piece = scenario.get("film", "film"), scenario["piece"]
    with Stage() as stage:
        swarm(stage, film(which), torrent(which, piece), [up * MBIT for up in ups],
              [trip / 1000 for trip in trips])
        viewer = stage.program(kind, 200)
        what = magnet(which, piece) if scenario.get("magnet") else torrent(which, piece)
        return watch(viewer, what, stage.lines, film(which), scenario, seeks)


def reach(kind, job, seed):
    """A viewer reads here and there among peers of which one is fast."""
    name, content = uneven.JOBS[job]
    scenario, path = uneven.SWARMS[name], film("film")
    what = torrent("film", scenario["piece"], content)
    with Stage() as stage:
        pieces = path.stat().st_size // (int(scenario["piece"][:-1]) << 20)
        silent = [Silent("127.0.4.%d" % (place + 1), pieces) for place in range(scenario["silent"])]
        stage.programs += silent
        rates = scenario["rates"] + [max(scenario["rates"])] * len(silent)
        swarm(stage, path, what, rates, [scenario["rtt_s"]] * len(rates), silent)
        addresses = stage.lines.addresses()
        viewer = stage.program(kind, 200)
        measured, player = Usage(viewer), Player(path, MEDIA)
        measured.start()
        began = time.monotonic()
        url = viewer.add(what, [addresses[place] for place in uneven.order(len(addresses), seed)], "stream")
        return {**uneven.read(player, url, began), **measured.end()}


def watch(viewer, what, lines, path, scenario, seeks):
    measured, player = Usage(viewer), Player(path, MEDIA)
    measured.start()
    began = time.monotonic()
    url = viewer.add(what, lines.addresses(), "stream")
    if scenario.get("silent"):
        timer = threading.Timer(60, lines.silence, [scenario["silent"]])
        timer.daemon = True
        timer.start()
    first = player.watch(url, 0, scenario.get("play_s", 120), 5, began, 120)
    found = {"start_s": first["start_s"], "stalls": first["stalls"], "stalled_s": first["stalled_s"]}
    jumps = [seek(player, url, int(place * len(player.film))) for place in seeks]
    if jumps:
        found["seek_s"] = statistics.median(jump["start_s"] for jump in jumps)
        found["stalls"] += sum(jump["stalls"] for jump in jumps)
    return {**found, **measured.end(), "carried_mib": lines.carried() / (1 << 20)}


def seek(player, url, place):
    """Six seconds from another place on. Who brings nothing in all the time counts with that time, and a stall."""
    try:
        return player.watch(url, place, 6, 2, time.monotonic(), SEEK_PATIENCE)
    except TooLate:
        return {"start_s": float(SEEK_PATIENCE), "stalls": 1}


def run(job, kind, seed):
    if job in SCENARIOS:
        return stream(kind, job, seed)
    if job in uneven.JOBS:
        return reach(kind, job, seed)
    if job in utp.JOBS:
        return utp.measure(Stage, job)
    if job in trips.JOBS:
        return trips.measure(Stage(), kind, job)
    return transfer(kind, seeds=job == "seed")


def able(program, job):
    """Whether a program can do a job at all."""
    if job in utp.JOBS:
        return program.name == "kinora"
    if job in trips.JOBS:
        return issubclass(program, (Kinora, Library))
    if job in uneven.JOBS:
        return "stream" in program.jobs and uneven.JOBS[job][1] in program.contents
    return ("stream" if job in SCENARIOS else job) in program.jobs


def table(results, versions, jobs, seed):
    for job in jobs:
        found = {name: runs for (of, name), runs in results.items() if of == job and runs}
        columns = list(next(iter(found.values()))[0]) if found else []
        print("\n### %s\n\n| program | %s |\n|---|%s" % (job, " | ".join(columns), "---|" * len(columns)))
        for name, runs in found.items():
            cells = [cell([each[column] for each in runs]) for column in columns]
            print("| %s %s | %s |" % (name, versions[name], " | ".join(cells)))
        if job in SCENARIOS:
            print("\nfloor: " + floor(job, seed))
        if job in uneven.JOBS:
            print("\nfloor: " + uneven.floors(job))


def cell(values):
    middle = statistics.median(values)
    form = "%d" if all(isinstance(value, int) for value in values) else "%.2f"
    return form % middle if len(values) == 1 else (form + " (" + form + "–" + form + ")") % (middle, min(values), max(values))


def figures(results, versions, out):
    """One JSON line per figure, with the best rival's beside it. Less is better in all of them but `by_tcp`."""
    for (job, name), runs in results.items():
        if name != "kinora" or not runs:
            continue
        for column in [column for column in runs[0] if column not in ("carried_mib", "read_mb", "tcp_s", "utp_s")]:
            mine = middle(runs, column)
            line = {"name": "lab.%s.%s" % (job, column), "value": round(mine, 3), "unit": column.rsplit("_", 1)[-1],
                    "runs": len(runs), "command": "make lab ARGS='--jobs %s'" % job}
            print(json.dumps(line | judged(results, versions, job, column, mine)), file=out)


def judged(results, versions, job, column, mine):
    """What a figure is held against. In the uneven swarms half of what the best needs with v1 is wanted with v2."""
    if job in utp.JOBS:
        return {"target": utp.LEAST, "ok": mine >= utp.LEAST}
    if job in trips.JOBS:
        return {"target": trips.WANTED[job], "ok": mine <= trips.WANTED[job]}
    other_job, share = (uneven.JOBS[job][0], 0.5) if "-" in job else (job, 1)
    rivals = {other: middle(theirs, column) for (of, other), theirs in results.items()
              if of == other_job and other != "kinora" and theirs}
    if not rivals:
        return {}
    best = min(rivals, key=rivals.get)
    found = {"rival": "%s %s" % (best, versions[best]), "rival_value": round(rivals[best], 3)}
    if share == 1:
        return found | {"ok": mine <= rivals[best]}
    return found | ({"target": round(rivals[best] * share, 3), "ok": mine <= rivals[best] * share}
                    if column in ("head_s", "seek_s") else {})


def middle(runs, column):
    return statistics.median(each[column] for each in runs)


def chosen(jobs):
    """The jobs that can be done here; `utp` stands for all of its rates."""
    jobs = [each for job in jobs for each in (utp.JOBS if job == "utp" else [job])]
    on_a_path = {*utp.JOBS, *trips.JOBS}
    possible = not on_a_path.intersection(jobs) or utp.possible()
    return [job for job in jobs if possible or job not in on_a_path]


def main():
    jobs = ["download", "seed", *SCENARIOS, *uneven.JOBS, *utp.JOBS, *trips.JOBS]
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--jobs", default=",".join(jobs), help="of " + ", ".join(jobs))
    words.add_argument("--programs", default=",".join(PROGRAMS), help="of " + ", ".join(PROGRAMS))
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--seed", type=int, default=1, help="draws the uneven lines and the places to seek")
    asked = words.parse_args()
    jobs, names = chosen(asked.jobs.split(",")), asked.programs.split(",")
    versions = {name: PROGRAMS[name].version(PROGRAMS[name]) for name in names}
    results = {(job, name): [] for job in jobs for name in names if able(PROGRAMS[name], job)}
    for turn in range(asked.runs):
        for job in jobs:
            for name in names[turn % len(names):] + names[:turn % len(names)]:
                if (job, name) not in results:
                    continue
                found = run(job, PROGRAMS[name], asked.seed)
                results[job, name].append(found)
                print(job, name, turn + 1, {key: round(value, 3) for key, value in found.items()}, file=sys.stderr)
    table(results, versions, jobs, asked.seed)
    with open(WORK / "figures.jsonl", "w") as out:
        figures(results, versions, out)
    print("\n.lab/figures.jsonl has one line per figure.")


main()
