"""A load generator: requests made beforehand, sent over kept connections, each answer timed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: answers a second, and seconds to each answer in ascending order."""

    per_second: float
    seconds: Sequence[float]
    failed: int

    def quantile(self, share: float) -> float:
        """The milliseconds within which this share of the answers came."""
        return 1000 * self.seconds[min(len(self.seconds) - 1, int(len(self.seconds) * share))]


def send(port: int, requests: Sequence[bytes], connections: int, pace: float = 0) -> Load:
    """Send all requests to this machine's ``port``: at once, or ``pace`` a second.

    An answer counts as failed unless its status is 200 and its body is an encrypted reply.
    """
    return asyncio.run(_send(port, requests, connections, pace))


async def _send(port: int, requests: Sequence[bytes], connections: int, pace: float) -> Load:
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    numbers = iter(range(len(requests)))
    seconds: list[float] = []
    failed = 0
    started = perf_counter()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal failed
        for number in numbers:
            if pace:
                await asyncio.sleep(max(0.0, started + number / pace - perf_counter()))
            sent = perf_counter()
            writer.write(requests[number])
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(_length(head))
            seconds.append(perf_counter() - sent)
            failed += not (head.startswith(b"HTTP/1.1 200") and b"Encrypt" in body)
        writer.close()

    await asyncio.gather(*(client(*stream) for stream in streams))
    return Load(len(requests) / (perf_counter() - started), sorted(seconds), failed)


def _length(head: bytes) -> int:
    name = b"content-length:"
    at = head.lower().index(name) + len(name)
    return int(head[at : head.index(b"\r", at)])
