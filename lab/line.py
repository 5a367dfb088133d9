"""Lines between programs on one machine: TCP relays with a rate, a delay and a short queue.

A line stands in front of a seeding program. Whoever connects to it reaches the program as over a link whose
way up carries `rate` bytes per second and whose round trip takes `rtt` seconds. What it does not model: loss, and
TCP's slow start. Both make every program look a little better than on the real network, and all alike.
"""

import asyncio
import collections
import socket
import threading

CHUNK = 16 * 1024
PACKET = 1448
GRAIN_S = 0.01  # what a line carries in this time comes at once, but never less than a packet
QUEUE_S = 0.2  # what a router in front of the line would hold


class Line:
    """One seeder's way to the world."""

    def __init__(self, host, target, rate, rtt):
        self.host, self.target, self.rate, self.rtt = host, target, rate, rtt
        self.free_at = 0.0
        self.carried = 0
        self.broken = False
        self.address = None

    async def open(self):
        self.server = await asyncio.start_server(self._serve, self.host, 0, limit=CHUNK)
        self.address = "%s:%d" % self.server.sockets[0].getsockname()[:2]

    async def _serve(self, reader, writer):
        try:
            await asyncio.sleep(self.rtt)  # the handshake of TCP, which loopback does not need
            sock = socket.socket()
            # A small buffer: what waits must wait at the program, where a cancel still reaches it.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, self.target)
            up_reader, up_writer = await asyncio.open_connection(sock=sock, limit=CHUNK)
        except (OSError, asyncio.CancelledError):
            writer.close()
            return
        ways = [self._carry(reader, up_writer, None), self._carry(up_reader, writer, self.rate)]
        try:
            await asyncio.gather(*ways)
        except (OSError, asyncio.CancelledError):
            pass  # one side has gone, or the run is over
        finally:
            writer.close()
            up_writer.close()

    async def _carry(self, reader, writer, rate):
        """Moves bytes one way. Each chunk arrives when the line has carried it, and half a round trip later."""
        loop = asyncio.get_running_loop()
        # Whole blocks at once would hide from a program what a real line shows it: that a block is under way.
        grain = max(PACKET, min(CHUNK, int(rate * GRAIN_S))) if rate else CHUNK
        queue, ready = collections.deque(), asyncio.Event()

        async def deliver():
            while True:
                while not queue:
                    ready.clear()
                    await ready.wait()
                due, chunk = queue.popleft()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if chunk is None:
                    writer.close()
                    return
                if not self.broken:
                    writer.write(chunk)
                    await writer.drain()

        task = asyncio.create_task(deliver())
        try:
            while True:
                chunk = await reader.read(grain)
                now = loop.time()
                if chunk and rate:
                    self.free_at = max(now, self.free_at) + len(chunk) / rate
                    self.carried += len(chunk)
                sent_at = self.free_at if rate else now
                queue.append((sent_at + self.rtt / 2, chunk or None))
                ready.set()
                if not chunk:
                    break
                await asyncio.sleep(max(0.0, sent_at - now - QUEUE_S))
            await task
        finally:
            task.cancel()


class Lines:
    """All lines of a run, in a thread of their own."""

    def __init__(self, wanted):
        """`wanted`: (host, target, rate, rtt) of each line."""
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.lines = [Line(*each) for each in wanted]
        for line in self.lines:
            asyncio.run_coroutine_threadsafe(line.open(), self.loop).result()

    def addresses(self):
        return [line.address for line in self.lines]

    def carried(self):
        return sum(line.carried for line in self.lines)

    def silence(self, count):
        """The last `count` lines carry nothing more, and say nothing of it."""
        for line in self.lines[-count:]:
            line.broken = True

    def close(self):
        async def stop():
            for line in self.lines:
                line.server.close()
            carrying = asyncio.all_tasks() - {asyncio.current_task()}
            for task in carrying:
                task.cancel()
            await asyncio.gather(*carrying, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
