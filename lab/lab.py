#!/usr/bin/env python3
"""Kinora beside other programs, on this machine, in alternated runs. `README.md` says what is measured and how."""

import argparse
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time

from line import Lines
from player import Player, TooLate
from programs import PROGRAMS, ROOT, Kinora

WORK = ROOT / ".lab"
GIB = 1 << 30
MBIT = 1_000_000 / 8
MEDIA = 8 * MBIT  # the film's bytes per second

SCENARIOS = {
    "S1": {"up_mbit": [4] * 8, "rtt_ms": [40] * 8, "piece": "1m"},
    "S2": {"up_mbit": "uneven", "rtt_ms": "uneven", "piece": "1m", "silent": 3},
    "S3": {"up_mbit": [100], "rtt_ms": [80], "piece": "2m"},
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

    def program(self, kind, place, film=None):
        """A program on an address of its own; one that seeds finds the film in its folder."""
        folder = self.root / ("%s-%d" % (kind.name, place))
        folder.mkdir(parents=True)
        if film:
            (folder / film.name).hardlink_to(film)
        program = kind(folder, "127.0.2.%d" % place, 17000 + place, 18000 + place)
        self.programs.append(program)
        program.prepare()
        return program


def film(seed=1):
    """A gibibyte of noise, and its torrents."""
    path = WORK / "film.bin"
    if not path.exists():
        WORK.mkdir(exist_ok=True)
        dice, new = random.Random(seed), path.with_suffix(".new")
        with open(new, "wb") as out:
            for _ in range(GIB >> 20):
                out.write(dice.randbytes(1 << 20))
        new.rename(path)
    for name, length in (("1m", 1 << 20), ("2m", 2 << 20)):
        torrent = WORK / ("film.%s.torrent" % name)
        if not torrent.exists():
            subprocess.run([Kinora.binary, "create", path, "--v1", "--piece-length", str(length), "--to", torrent,
                            "--json"], check=True, stdout=subprocess.DEVNULL)
    return path


def torrent(piece):
    return WORK / ("film.%s.torrent" % piece)


def until_done(program, patience_s=300):
    end = time.monotonic() + patience_s
    while not program.done():
        if time.monotonic() > end:
            sys.exit("%s did not end within %d s" % (program.name, patience_s))
        time.sleep(0.02)


def transfer(kind, path, seeds):
    """One GiB between two programs over loopback; the other side is libtorrent."""
    rival = PROGRAMS["libtorrent"]
    with Stage() as stage:
        giver = stage.program(kind if seeds else rival, 1, path)
        giver.add(torrent("1m"), [], "seed")
        until_done(giver)
        taker = stage.program(rival if seeds else kind, 2)
        measured = Usage(giver if seeds else taker)
        measured.start()
        began = time.monotonic()
        taker.add(torrent("1m"), ["%s:%d" % (giver.host, giver.port)], "download")
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
    seeks = sorted((dice.uniform(0.3, 0.95) for _ in range(scenario.get("seeks", 5))), key=lambda _: dice.random())
    return ups, trips, seeks


def floor(ups, trips, media_s, round_trips):
    """No program starts sooner: all lines full from the first moment, and the shortest way of asking."""
    return media_s * MEDIA / (sum(ups) * MBIT) + round_trips * statistics.median(trips) / 1000


def stream(kind, path, name, seed):
    """A viewer watches two minutes over uneven lines, and seeks five times."""
    scenario = SCENARIOS[name]
    ups, trips, seeks = expand(scenario, seed)
    with Stage() as stage:
        seeder = stage.program(PROGRAMS["libtorrent"], 1, path)
        seeders = [seeder]
        seeder.add(torrent(scenario["piece"]), [], "seed")
        for place in range(2, len(ups) + 1):
            seeders.append(stage.program(PROGRAMS["libtorrent"], place, path))
            seeders[-1].add(torrent(scenario["piece"]), [], "seed")
        for each in seeders:
            until_done(each)
        stage.lines = Lines([("127.0.3.%d" % (place + 1), (each.host, each.port), up * MBIT, rtt / 1000)
                             for place, (each, up, rtt) in enumerate(zip(seeders, ups, trips))])
        viewer = stage.program(kind, 200)
        what = magnet(scenario["piece"]) if scenario.get("magnet") else torrent(scenario["piece"])
        return watch(viewer, what, stage.lines, path, scenario, seeks)


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


def magnet(piece):
    told = subprocess.run([Kinora.binary, "inspect", torrent(piece), "--json"], capture_output=True, text=True)
    return "magnet:?xt=urn:btih:" + json.loads(told.stdout)["infohash_v1"]


def run(job, kind, path, seed):
    if job in SCENARIOS:
        return stream(kind, path, job, seed)
    return transfer(kind, path, seeds=job == "seed")


def kind_of(job):
    """What a program has to be able to do for a job."""
    return "stream" if job in SCENARIOS else job


def table(results, versions, jobs):
    for job in jobs:
        found = {name: runs for (of, name), runs in results.items() if of == job and runs}
        columns = list(next(iter(found.values()))[0]) if found else []
        print("\n### %s\n\n| program | %s |\n|---|%s" % (job, " | ".join(columns), "---|" * len(columns)))
        for name, runs in found.items():
            cells = [cell([each[column] for each in runs]) for column in columns]
            print("| %s %s | %s |" % (name, versions[name], " | ".join(cells)))
        if job in SCENARIOS:
            ups, trips, seeks = expand(SCENARIOS[job], 1)
            seek = ", seek %.2f s" % floor(ups, trips, 2, TRIPS_TO_SEEK) if seeks else ""
            print("\nfloor: start %.2f s%s" % (floor(ups, trips, 5, TRIPS_TO_START), seek))


def cell(values):
    middle = statistics.median(values)
    form = "%d" if all(isinstance(value, int) for value in values) else "%.2f"
    return form % middle if len(values) == 1 else (form + " (" + form + "–" + form + ")") % (middle, min(values), max(values))


def figures(results, versions, out):
    """One JSON line per figure, with the best rival's beside it. Less is better in all of them."""
    for (job, name), runs in results.items():
        if name != "kinora" or not runs:
            continue
        for column in [column for column in runs[0] if column != "carried_mib"]:
            mine = statistics.median(each[column] for each in runs)
            rivals = {other: statistics.median(each[column] for each in theirs)
                      for (of, other), theirs in results.items() if of == job and other != "kinora" and theirs}
            line = {"name": "lab.%s.%s" % (job, column), "value": round(mine, 3), "unit": column.rsplit("_", 1)[-1],
                    "runs": len(runs), "command": "make lab ARGS='--jobs %s'" % job}
            if rivals:
                best = min(rivals, key=rivals.get)
                line |= {"rival": "%s %s" % (best, versions[best]), "rival_value": round(rivals[best], 3),
                         "ok": mine <= rivals[best]}
            print(json.dumps(line), file=out)


def main():
    jobs = ["download", "seed", *SCENARIOS]
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--jobs", default=",".join(jobs), help="of " + ", ".join(jobs))
    words.add_argument("--programs", default=",".join(PROGRAMS), help="of " + ", ".join(PROGRAMS))
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--seed", type=int, default=1, help="draws the uneven lines and the places to seek")
    asked = words.parse_args()
    jobs, names = asked.jobs.split(","), asked.programs.split(",")
    path = film()
    versions = {name: PROGRAMS[name].version(PROGRAMS[name]) for name in names}
    results = {(job, name): [] for job in jobs for name in names if kind_of(job) in PROGRAMS[name].jobs}
    for turn in range(asked.runs):
        for job in jobs:
            for name in names[turn % len(names):] + names[:turn % len(names)]:
                if (job, name) not in results:
                    continue
                found = run(job, PROGRAMS[name], path, asked.seed)
                results[job, name].append(found)
                print(job, name, turn + 1, {key: round(value, 3) for key, value in found.items()}, file=sys.stderr)
    table(results, versions, jobs)
    with open(WORK / "figures.jsonl", "w") as out:
        figures(results, versions, out)
    print("\n.lab/figures.jsonl has one line per figure.")


main()
