"""What libtorrent says: one question per line on standard input, one JSON answer per line on standard output.

    read HEX     a metainfo file: accepted or not, and what is in it
    magnet TEXT  a magnet link
    make JSON    creates a torrent of generated files: name, files, piece_length, version
"""

import json
import os
import sys
import tempfile
import warnings

import libtorrent as lt

warnings.filterwarnings("ignore", category=DeprecationWarning)

FLAGS = {"v1": lt.create_torrent.v1_only, "v2": lt.create_torrent.v2_only, "hybrid": 0}


def hashes(info_hashes):
    return {
        "v1": str(info_hashes.v1) if info_hashes.has_v1() else None,
        "v2": str(info_hashes.v2) if info_hashes.has_v2() else None,
    }


def trackers(parameters):
    try:
        return list(parameters.trackers)
    except UnicodeDecodeError:  # the binding cannot show what libtorrent accepts
        return None


def read(data):
    parameters = lt.load_torrent_buffer(data)
    info = parameters.ti
    storage = info.files()
    files = []
    for index in range(storage.num_files()):
        flags = storage.file_flags(index)
        files.append(
            {
                "path": storage.file_path(index),
                "length": storage.file_size(index),
                "offset": storage.file_offset(index),
                "padding": bool(flags & lt.file_storage.flag_pad_file),
                "link": bool(flags & lt.file_storage.flag_symlink),
                "root": storage.root(index).to_bytes().hex() if info.info_hashes().has_v2() else None,
            }
        )
    return {
        **hashes(info.info_hashes()),
        "name": info.name(),
        "piece_length": info.piece_length(),
        "pieces": info.num_pieces(),
        "private": info.priv(),
        "trackers": trackers(parameters),
        "files": files,
    }


def magnet(link):
    parameters = lt.parse_magnet_uri(link)
    return {
        **hashes(parameters.info_hashes),
        "name": parameters.name,
        "trackers": list(parameters.trackers),
        "web_seeds": list(parameters.url_seeds),
        "peers": [f"{host}|{port}" for host, port in parameters.peers],
    }


def content(index, length):
    """The bytes of a generated file: the test makes the same."""
    pattern = bytes((index * 37 + place) % 251 for place in range(251))
    return (pattern * (length // 251 + 1))[:length]


def make(wish):
    with tempfile.TemporaryDirectory() as root:
        storage = lt.file_storage()
        for index, (path, length) in enumerate(wish["files"]):
            whole = os.path.join(root, path)
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, "wb") as file:
                file.write(content(index, length))
            storage.add_file(path, length)
        torrent = lt.create_torrent(storage, wish["piece_length"], FLAGS[wish["version"]])
        lt.set_piece_hashes(torrent, root)
        return {"torrent": lt.bencode(torrent.generate()).hex()}


def answer(question):
    kind, _, rest = question.partition(" ")
    if kind == "read":
        return read(bytes.fromhex(rest))
    if kind == "magnet":
        return magnet(rest)
    return make(json.loads(rest))


def main():
    # Names that are no UTF-8 must not stop the answer.
    sys.stdout.reconfigure(errors="replace")
    for line in sys.stdin:
        try:
            said = {"ok": True, **answer(line.rstrip("\n"))}
        except Exception as error:  # a refusal, in libtorrent's words
            said = {"ok": False, "error": str(error)}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
