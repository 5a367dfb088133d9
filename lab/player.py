"""A player of constant bit rate: it reads a film over HTTP, starts with a few seconds in hand, waits when it must.

Every byte is compared with the original.
"""

import http.client
import mmap
import threading
import time
from urllib.parse import urlsplit

ROOM_S = 30  # seconds of media that it reads ahead
AGAIN_S = 2  # seconds it gathers after a stall
STEP_S = 0.005


class WrongStream(Exception):
    """What came is not the film."""


class TooLate(Exception):
    """Nothing came for as long as the player waits."""


class Stream(threading.Thread):
    """Reads a film from a place on, as long as there is room for more."""

    def __init__(self, film, url, at, patience_s):
        super().__init__(daemon=True)
        self.film, self.at, self.came, self.room = film, at, 0, 0
        self.over, self.wrong = False, None
        where = urlsplit(url)
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=patience_s)
        self.path = where.path + ("?" + where.query if where.query else "")
        self.start()

    def run(self):
        try:
            self.connection.request("GET", self.path, headers={"Range": "bytes=%d-" % self.at})
            answer = self.connection.getresponse()
            if answer.status != 206 and (answer.status != 200 or self.at):
                raise WrongStream("status %d" % answer.status)
            while not self.over and self.at + self.came < len(self.film):
                if self.came >= self.room:
                    time.sleep(STEP_S)
                    continue
                chunk = answer.read1(256 * 1024)
                begin = self.at + self.came
                if not chunk or chunk != self.film[begin:begin + len(chunk)]:
                    raise WrongStream("a wrong byte, or the end, behind byte %d" % begin)
                self.came += len(chunk)
        except TimeoutError:
            self.wrong = TooLate("no byte at %d" % (self.at + self.came))
        except (WrongStream, OSError, http.client.HTTPException) as why:
            self.wrong = why
        finally:
            self.connection.close()


class Player:
    def __init__(self, path, bytes_per_s):
        with open(path, "rb") as film:
            self.film = mmap.mmap(film.fileno(), 0, access=mmap.ACCESS_READ)
        self.rate = bytes_per_s

    def watch(self, url, at, media_s, begin_s, since, patience_s):
        """Plays `media_s` seconds from byte `at`; `start_s` in the result is seconds after `since`."""
        stream = Stream(self.film, url, at, patience_s)
        try:
            return self._play(stream, min(media_s * self.rate, len(self.film) - at), begin_s, since, patience_s)
        finally:
            stream.over = True

    def fetch(self, url, at, length, since, patience_s):
        """Seconds after `since` at which `length` bytes from `at` on are there."""
        stream = Stream(self.film, url, at, patience_s)
        stream.room = length
        try:
            while stream.came < length:
                time.sleep(STEP_S)
                if stream.wrong:
                    raise stream.wrong
                if time.monotonic() - since > patience_s:
                    raise TooLate("not %d bytes within %d s" % (length, patience_s))
            return time.monotonic() - since
        finally:
            stream.over = True

    def read(self, url, at, seconds):
        """Bytes from `at` on that come within so many seconds, read as fast as they do."""
        stream = Stream(self.film, url, at, seconds)
        stream.room = len(self.film)
        time.sleep(seconds)
        stream.over = True
        if stream.wrong and not isinstance(stream.wrong, TooLate):
            raise stream.wrong
        return stream.came

    def _play(self, stream, end, begin_s, since, patience_s):
        found = {"start_s": None, "stalls": 0, "stalled_s": 0.0}
        played, playing, need, last = 0, False, begin_s * self.rate, time.monotonic()
        while played < end:
            stream.room = played + ROOM_S * self.rate
            time.sleep(STEP_S)
            if stream.wrong:
                raise stream.wrong
            now, came = time.monotonic(), stream.came
            passed, last = now - last, now
            if playing:
                played = min(came, played + passed * self.rate)
                if played == came and played < end:
                    playing, need = False, AGAIN_S * self.rate
                    found["stalls"] += 1
            elif came - played >= min(need, end - played):
                playing = True
                if found["start_s"] is None:
                    found["start_s"] = now - since
            elif found["start_s"] is not None:
                found["stalled_s"] += passed
            elif now - since > patience_s:
                raise TooLate("nothing to play within %d s" % patience_s)
        return found
