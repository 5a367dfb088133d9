"""The programs that are compared, each started and told what to do in its own way."""

import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

from tracker import tracker

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TOOLS = ROOT / ".tools"


class Program:
    """A running program. `job` is download, seed or stream; `peers` are addresses as `host:port`."""

    name = ""
    jobs = ("download", "seed", "stream")
    contents = ("v1",)
    within = ()  # what starts it elsewhere

    def __init__(self, folder, host, port, control):
        self.folder, self.host, self.port, self.control = str(folder), host, port, control
        self.log = open(os.path.join(self.folder, "..", self.name + ".log"), "ab")
        self.process = None

    def run(self, command, **how):
        self.process = subprocess.Popen([*self.within, *(str(word) for word in command)], stderr=self.log, **how)
        return self.process

    def version(self):
        raise NotImplementedError

    def prepare(self):
        """What may be done before the clock starts."""

    def add(self, torrent, peers, job):
        """Starts the job; gives the stream's URL if that is the job."""
        raise NotImplementedError

    def done(self):
        """Whether all is verified."""
        raise NotImplementedError

    def usage(self):
        """CPU seconds so far, and the peak of memory that is the program's own, in MiB."""
        with open("/proc/%d/stat" % self.process.pid) as stat:
            words = stat.read().rsplit(")", 1)[1].split()
        cpu = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        with open("/proc/%d/status" % self.process.pid) as status:
            memory = [int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon")]
        return cpu, memory[0] if memory else 0.0  # a program that has ended holds none

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Kinora(Program):
    name = "kinora"
    contents = ("v1", "v2", "hybrid")
    binary = ROOT / "target/release/kinora"
    transport = "tcp"
    discovery = ("--no-dht", "--no-lsd", "--no-trackers", "--no-pex", "--no-port-mapping")

    def version(self):
        return subprocess.run([self.binary, "--version"], capture_output=True, text=True).stdout.split()[-1]

    def add(self, torrent, peers, job):
        where = {"download": ["--to", self.folder, "--data-dir", self.folder + "/data"],
                 "seed": ["--from", self.folder, "--data-dir", self.folder + "/data"],
                 "stream": ["--data-dir", self.folder, "--http", "127.0.0.1:%d" % self.control]}[job]
        command = [self.binary, job, torrent, *where, "--listen", "%s:%d" % (self.host, self.port), *self.discovery,
                   "--encryption", "off", "--transport", self.transport, "--json"]
        for peer in peers:
            command += ["--peer", peer]
        out = self.run(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0).stdout
        for line in iter(out.readline, b""):
            self.last = json.loads(line)
            if self.last["event"] in ("ready", "seeding", "progress", "done"):
                break
        os.set_blocking(out.fileno(), False)
        self.rest = b""
        return self.last.get("stream_url")

    def done(self):
        self.rest += self.process.stdout.read() or b""
        *whole, self.rest = self.rest.split(b"\n")
        if whole:
            self.last = json.loads(whole[-1])
        return self.last["event"] in ("done", "seeding")


class Library(Program):
    """A library, driven by a small program of ours that is told what to do line by line."""

    def command(self):
        """What starts it; the folder, the address and the ports follow."""
        raise NotImplementedError

    def prepare(self):
        self.run([*self.command(), self.folder, self.host, self.port, self.control],
                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answer()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, **what):
        print(json.dumps(what), file=self.process.stdin, flush=True)
        return self.answer()

    def add(self, torrent, peers, job):
        return self.ask(do="add", torrent=str(torrent), peers=peers, job=job).get("url")

    def done(self):
        return self.ask(do="done")["done"]

    def stop(self):
        """It writes what it still holds when nothing more is asked of it."""
        if self.process and self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                pass
        super().stop()


class Libtorrent(Library):
    """The library behind many programs (`libtorrent_engine.py`)."""

    name = "libtorrent"
    contents = ("v1", "v2", "hybrid")
    python = TOOLS / "venv/bin/python"

    def command(self):
        return [self.python, HERE / "libtorrent_engine.py"]

    def version(self):
        code = "import libtorrent; print(libtorrent.__version__)"
        return subprocess.run([self.python, "-c", code], capture_output=True, text=True).stdout.strip()


class InNode(Library):
    """A library for Node (`rivals/engine.mjs`)."""

    def command(self):
        return ["node", HERE / "rivals/engine.mjs", self.name]

    def version(self):
        package = HERE / "rivals/node_modules" / self.name / "package.json"
        return json.loads(package.read_text())["version"]


class Webtorrent(InNode):
    name = "webtorrent"


class Peerflix(InNode):
    """A player's server on top of torrent-stream, which alone downloads and seeds."""

    name = "peerflix"


class Rqbit(Program):
    name = "rqbit"
    binary = TOOLS / "bin/rqbit"

    def version(self):
        return subprocess.run([self.binary, "--version"], capture_output=True, text=True).stdout.split()[-1]

    def prepare(self):
        self.api = "http://127.0.0.1:%d" % self.control
        self.run([self.binary, "-v", "warn", "--disable-dht", "--disable-trackers", "--disable-lsd",
                  "--disable-upnp-port-forward", "--ipv4-only", "--listen-ip", self.host, "--listen-port", self.port,
                  "--http-api-listen-addr", "127.0.0.1:%d" % self.control, "server", "start",
                  "--disable-persistence", self.folder],
                 stdin=subprocess.DEVNULL, stdout=self.log, env=dict(os.environ, HOME=self.folder))
        wait_until(lambda: request(self.api + "/"))

    def add(self, torrent, peers, job):
        url = "%s/torrents?overwrite=true&output_folder=%s" % (self.api, self.folder)
        if peers:
            url += "&initial_peers=" + ",".join(peers)
        body = str(torrent).encode() if str(torrent).startswith("magnet:") else pathlib.Path(torrent).read_bytes()
        self.id = json.loads(request(url, body))["id"]
        return "%s/torrents/%d/stream/0" % (self.api, self.id)

    def done(self):
        return json.loads(request("%s/torrents/%d/stats/v1" % (self.api, self.id)))["finished"]


class Aria2(Program):
    """It does not play while it fetches. It hears of peers from trackers alone, so it gets one of its own."""

    name = "aria2"
    jobs = ("download", "seed")
    tracker = None

    def version(self):
        told = subprocess.run(["aria2c", "--version"], capture_output=True, text=True).stdout
        return told.split("\n")[0].split()[-1]

    def prepare(self):
        self.run(["aria2c", "--no-conf", "--quiet", "--enable-rpc", "--rpc-listen-port=%d" % self.control,
                  "--interface=" + self.host, "--listen-port=%d" % self.port, "--disable-ipv6=true",
                  "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false",
                  "--seed-ratio=0", "--no-proxy=*", "--file-allocation=none", "--follow-torrent=mem"],
                 stdin=subprocess.DEVNULL, stdout=self.log)
        wait_until(lambda: self.ask("getVersion"))

    def ask(self, method, *words):
        call = {"jsonrpc": "2.0", "id": "1", "method": "aria2." + method, "params": words}
        url = "http://127.0.0.1:%d/jsonrpc" % self.control
        return json.loads(request(url, json.dumps(call).encode()))["result"]

    def add(self, torrent, peers, job):
        more = {"dir": self.folder, "check-integrity": "true" if job == "seed" else "false"}
        if peers:
            self.tracker = tracker(peers)
            more["bt-tracker"] = "http://127.0.0.1:%d/announce" % self.tracker.server_port
        file = base64.b64encode(pathlib.Path(torrent).read_bytes()).decode()
        self.id = self.ask("addTorrent", file, [], more)

    def done(self):
        now = self.ask("tellStatus", self.id)
        checks = now.get("verifiedLength") or now.get("verifyIntegrityPending")
        return not checks and 0 < int(now["totalLength"]) == int(now["completedLength"])

    def stop(self):
        super().stop()
        if self.tracker:
            self.tracker.shutdown()
            self.tracker.server_close()


PROGRAMS = {program.name: program for program in (Kinora, Libtorrent, Webtorrent, Peerflix, Rqbit, Aria2)}


def request(url, body=None):
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as answer:
        return answer.read()


def wait_until(works, patience_s=20):
    end = time.monotonic() + patience_s
    while True:
        try:
            return works()
        except OSError:
            if time.monotonic() > end:
                sys.exit("a program did not start: look at its log")
            time.sleep(0.05)
