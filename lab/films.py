"""What is watched: noise, so that nothing is the same twice, and its torrents."""

import json
import random
import subprocess

from programs import ROOT, Kinora

WORK = ROOT / ".lab"
MIB = 1 << 20
LENGTHS = {"short": 64, "middle": 256, "film": 1024, "long": 4096}  # MiB


def film(name):
    """A film, drawn when it is first asked for."""
    path = WORK / (name + ".bin")
    if not path.exists():
        WORK.mkdir(exist_ok=True)
        dice, new = random.Random(1), path.with_suffix(".new")
        with open(new, "wb") as out:
            for _ in range(LENGTHS[name]):
                out.write(dice.randbytes(MIB))
        new.rename(path)
    return path


def torrent(name, piece="1m", content="v1"):
    """Its torrent with pieces of so many MiB, in one of the versions of the format."""
    path = WORK / ".".join([name, piece, *([] if content == "v1" else [content]), "torrent"])
    if not path.exists():
        length = str(int(piece[:-1]) * MIB)
        subprocess.run([Kinora.binary, "create", film(name), "--" + content, "--piece-length", length, "--to", path,
                        "--json"], check=True, stdout=subprocess.DEVNULL)
    return path


def magnet(name, piece):
    told = subprocess.run([Kinora.binary, "inspect", torrent(name, piece), "--json"], capture_output=True, text=True)
    return "magnet:?xt=urn:btih:" + json.loads(told.stdout)["infohash_v1"]
