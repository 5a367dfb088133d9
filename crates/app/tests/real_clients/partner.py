"""A BitTorrent program that is not ours, driven for one test.

    partner.py NAME make FORM CONTENT TORRENT     writes a torrent (libtorrent only; FORM: v1, hybrid, v2)
    partner.py NAME seed TORRENT DIR              serves what lies complete in DIR
    partner.py NAME download TORRENT DIR [PEER]   fetches into DIR, from the one peer IP:PORT or whoever calls

Prints one JSON line for each fact: `listening` (with the port), then `seeding` or `done` once everything
is verified. Ends, and its program with it, when standard input closes. Discovery is off everywhere: no
DHT, no local discovery, no peer exchange, no port mapping, and no tracker but the one below.
"""

import base64
import http.server
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

HOST = "127.0.0.1"
POLL_S = 0.05
PATIENCE_S = 90


def say(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def until(fact, what):
    """Polls until `fact` holds, and fails in words if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := fact()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {PATIENCE_S} s")
        time.sleep(POLL_S)
    return value


def greets(port, torrent):
    """Whether it answers a handshake for the torrent (BEP 3)."""
    import libtorrent

    hashes = libtorrent.torrent_info(torrent).info_hashes()
    name = (hashes.v1 if hashes.has_v1() else hashes.v2).to_bytes()[:20]
    greeting = b"\x13BitTorrent protocol" + bytes(8) + name + b"-KT0000-" + os.urandom(12)
    try:
        # From another address: who was greeted is a peer for a moment, and some take one from each address.
        with socket.create_connection((HOST, port), 2, ("127.0.0.2", 0)) as probe:
            probe.settimeout(2)
            probe.sendall(greeting)
            return probe.recv(20) == greeting[:20]
    except OSError:
        return False


def http_call(method, url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def one_peer_tracker(peer):
    """A tracker that knows the one peer, for programs that take peers from trackers only."""
    host, port = peer.rsplit(":", 1)
    compact = socket.inet_aton(host) + struct.pack(">H", int(port))
    body = b"d8:intervali60e12:min intervali1e5:peers6:" + compact + b"e"

    class Announce(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((HOST, 0), Announce)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://{HOST}:{server.server_port}/announce"


class Program:
    """What partners have in common: a process, a port, a folder for their own affairs."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.rpc_port = free_port()
        self.process = None

    def spawn(self, words):
        log = open(os.path.join(self.folder, "log"), "wb")
        home = dict(os.environ, HOME=self.folder)
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=home
        )

    def rpc_answers(self):
        if self.process.poll() is not None:
            raise RuntimeError("it ended: " + open(os.path.join(self.folder, "log")).read()[-2000:])
        try:
            self.hello()
        except OSError:
            return False
        return True

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Libtorrent(Program):
    def start(self):
        import libtorrent

        self.lt = libtorrent
        self.session = libtorrent.session(
            {
                "listen_interfaces": f"{HOST}:{self.port}",
                "enable_dht": False,
                "enable_lsd": False,
                "enable_upnp": False,
                "enable_natpmp": False,
                "enable_incoming_utp": False,
                "enable_outgoing_utp": False,
                "allow_multiple_connections_per_ip": True,
            }
        )

    def add(self, job, torrent, folder, peer):
        params = self.lt.add_torrent_params()
        params.ti = self.lt.torrent_info(torrent)
        params.save_path = folder
        params.flags |= self.lt.torrent_flags.disable_pex
        self.handle = self.session.add_torrent(params)
        if peer:
            host, port = peer.rsplit(":", 1)
            self.handle.connect_peer((host, int(port)))

    def complete(self):
        status = self.handle.status()
        if status.errc.value():
            raise RuntimeError(status.errc.message())
        return status.is_seeding

    def stop(self):
        self.session.pause()
        self.handle = None
        del self.session  # waits for the disk


class Transmission(Program):
    def start(self):
        settings = {
            "rpc-port": self.rpc_port,
            "rpc-bind-address": HOST,
            "peer-port": self.port,
            "bind-address-ipv4": HOST,
            "dht-enabled": False,
            "lpd-enabled": False,
            "pex-enabled": False,
            "utp-enabled": False,
            "port-forwarding-enabled": False,
            "rename-partial-files": False,
            "download-queue-enabled": False,
            "encryption": 0,
            "speed-limit-up-enabled": False,
        }
        with open(os.path.join(self.folder, "settings.json"), "w") as file:
            json.dump(settings, file)
        self.session_id = ""
        self.spawn(["transmission-daemon", "-f", "-g", self.folder])
        until(self.rpc_answers, "transmission's RPC")

    def hello(self):
        self.rpc("session-get")

    def rpc(self, method, **arguments):
        url = f"http://{HOST}:{self.rpc_port}/transmission/rpc"
        body = json.dumps({"method": method, "arguments": arguments}).encode()
        try:
            answer = http_call("POST", url, body, {"X-Transmission-Session-Id": self.session_id})
        except urllib.error.HTTPError as refused:
            if refused.code != 409:
                raise
            self.session_id = refused.headers["X-Transmission-Session-Id"]
            return self.rpc(method, **arguments)
        answer = json.loads(answer)
        if answer["result"] != "success":
            raise RuntimeError(answer["result"])
        return answer["arguments"]

    def add(self, job, torrent, folder, peer):
        with open(torrent, "rb") as file:
            metainfo = base64.b64encode(file.read()).decode()
        added = self.rpc("torrent-add", metainfo=metainfo, **{"download-dir": folder})
        self.id = added["torrent-added"]["id"]
        if peer:
            # It takes no peers on loopback from trackers, so the other side has to call it.
            raise ValueError("transmission cannot be given a peer")

    def complete(self):
        fields = ["leftUntilDone", "status", "errorString", "percentDone"]
        state = self.rpc("torrent-get", ids=[self.id], fields=fields)["torrents"][0]
        seeding = state["status"] in (5, 6)
        return state["percentDone"] >= 1 and state["leftUntilDone"] == 0 and seeding


class Aria2(Program):
    def start(self):
        words = ["aria2c", "--no-conf", "--enable-rpc", f"--rpc-listen-port={self.rpc_port}"]
        words += [f"--interface={HOST}", f"--listen-port={self.port}", "--disable-ipv6=true"]
        words += ["--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false"]
        words += ["--enable-peer-exchange=false", "--seed-ratio=0", "--no-proxy=*"]
        words += ["--allow-overwrite=true", "--file-allocation=none", "--follow-torrent=mem"]
        self.spawn(words)
        until(self.rpc_answers, "aria2's RPC")

    def hello(self):
        self.rpc("getVersion")

    def rpc(self, method, *parameters):
        call = {"jsonrpc": "2.0", "id": "1", "method": "aria2." + method, "params": parameters}
        url = f"http://{HOST}:{self.rpc_port}/jsonrpc"
        return json.loads(http_call("POST", url, json.dumps(call).encode()))["result"]

    def add(self, job, torrent, folder, peer):
        options = {"dir": folder}
        if peer:
            options["bt-tracker"] = one_peer_tracker(peer)
        if job == "seed":
            options["check-integrity"] = "true"
        with open(torrent, "rb") as file:
            metainfo = base64.b64encode(file.read()).decode()
        self.gid = self.rpc("addTorrent", metainfo, [], options)

    def complete(self):
        state = self.rpc("tellStatus", self.gid)
        if state.get("errorMessage"):
            raise RuntimeError(state["errorMessage"])
        checking = state.get("verifiedLength") or state.get("verifyIntegrityPending")
        done = int(state["totalLength"]) == int(state["completedLength"]) > 0
        return done and not checking and state["status"] in ("active", "complete")


class QBittorrent(Program):
    SETTINGS = """[LegalNotice]
Accepted=true
[BitTorrent]
Session\\DHTEnabled=false
Session\\LSDEnabled=false
Session\\PeXEnabled=false
Session\\BTProtocol=TCP
Session\\Port={port}
Session\\InterfaceAddress={host}
Session\\MultiConnectionsPerIp=true
Session\\QueueingSystemEnabled=false
[Network]
PortForwardingEnabled=false
[Preferences]
Connection\\UPnP=false
WebUI\\Enabled=true
WebUI\\Address={host}
WebUI\\Port={rpc_port}
WebUI\\LocalHostAuth=false
WebUI\\UseUPnP=false
General\\Locale=en
"""

    def start(self):
        settings = os.path.join(self.folder, "qBittorrent", "config")
        os.makedirs(settings)
        with open(os.path.join(settings, "qBittorrent.conf"), "w") as file:
            file.write(self.SETTINGS.format(host=HOST, port=self.port, rpc_port=self.rpc_port))
        self.spawn(["qbittorrent-nox", "--profile=" + self.folder])
        until(self.rpc_answers, "qBittorrent's RPC")

    def hello(self):
        self.get("app/version")

    def get(self, path):
        return http_call("GET", f"http://{HOST}:{self.rpc_port}/api/v2/{path}")

    def post(self, path, body, content_type):
        url = f"http://{HOST}:{self.rpc_port}/api/v2/{path}"
        return http_call("POST", url, body, {"Content-Type": content_type})

    def add(self, job, torrent, folder, peer):
        border = uuid.uuid4().hex
        body = b""
        for name, value in (("savepath", folder), ("skip_checking", "false")):
            head = f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            body += f"{head}{value}\r\n".encode()
        body += f'--{border}\r\nContent-Disposition: form-data; name="torrents"; '.encode()
        body += b'filename="t.torrent"\r\nContent-Type: application/x-bittorrent\r\n\r\n'
        with open(torrent, "rb") as file:
            body += file.read() + f"\r\n--{border}--\r\n".encode()
        self.post("torrents/add", body, "multipart/form-data; boundary=" + border)
        self.hash = until(self.state, "qBittorrent taking the torrent")["hash"]
        if peer:
            form = urllib.parse.urlencode({"hashes": self.hash, "peers": peer}).encode()
            self.post("torrents/addPeers", form, "application/x-www-form-urlencoded")

    def state(self):
        torrents = json.loads(self.get("torrents/info"))
        return torrents[0] if torrents else None

    def complete(self):
        state = self.state()
        seeding = state["state"] in ("stalledUP", "uploading", "forcedUP")
        return state["amount_left"] == 0 and state["progress"] >= 1 and seeding


PROGRAMS = {
    "libtorrent": Libtorrent,
    "transmission": Transmission,
    "aria2": Aria2,
    "qbittorrent": QBittorrent,
}


def make(form, content, torrent):
    import libtorrent

    flags = {
        "v1": libtorrent.create_torrent.v1_only,
        "hybrid": 0,
        "v2": libtorrent.create_torrent.v2_only,
    }
    storage = libtorrent.file_storage()
    libtorrent.add_files(storage, content)
    made = libtorrent.create_torrent(storage, 256 * 1024, flags[form])
    libtorrent.set_piece_hashes(made, os.path.dirname(content))
    with open(torrent, "wb") as file:
        file.write(libtorrent.bencode(made.generate()))


def run(name, job, torrent, folder, peer=None):
    with tempfile.TemporaryDirectory(prefix="partner-") as own:
        program = PROGRAMS[name](own)
        try:
            program.start()
            program.add(job, torrent, folder, peer)
            # Some listen long before they know the torrent, and hang up on whoever calls until then.
            until(lambda: greets(program.port, torrent), f"{name} greeting peers")
            say("listening", port=program.port)
            until(program.complete, f"{name} to {job} everything")
            if job == "seed":
                say("seeding", port=program.port)
                sys.stdin.read()
        finally:
            program.stop()
    if job == "download":
        say("done")  # only now is everything on the disk for certain


def main(name, job, *words):
    try:
        make(*words) if job == "make" else run(name, job, *words)
    except Exception as error:  # the test shows it, with the name of the program
        say("error", why=f"{name}: {type(error).__name__}: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
