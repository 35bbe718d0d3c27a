"""The processes of a drill: each tells one line when it is ready, and none outlives the drill."""

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from catalogue_index.errors import Refused

READY_SECONDS = 60
STOP_SECONDS = 30


class DrillRefused(Refused):
    """The drill cannot be held; the sentence says why and what to do."""


@contextlib.contextmanager
def unbroken() -> Iterator[None]:
    """What is done inside is done whole: an interruption comes after it. A process that has begun must have somebody who
    can end it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    usual = {
        n: signal.signal(n, lambda n, _: came.append(n)) for n in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


class Process:
    """A Python module as a process of its own, in a session of its own: what the terminal sends does not reach it."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        sockets: Sequence[socket.socket] = (),
    ) -> None:
        """``sockets`` stay open in it, under the numbers that they have here."""
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                env=dict(environment),
                pass_fds=[each.fileno() for each in sockets],
            )
        self._log = log
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def line(self) -> str:
        """The line that it tells when it is ready; raises ``DrillRefused`` where it ends before."""
        try:
            told = self._lines.get(timeout=READY_SECONDS)
        except queue.Empty:
            told = ""
        if not told:
            raise DrillRefused(f"演练用的一个进程没有启动起来。原因见 {self._log}。")
        return told

    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing, where it has ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def kill(self) -> None:
        """As a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end; killed where it does not."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        self.wait(STOP_SECONDS)

    def wait(self, seconds: float) -> None:
        """Until it has ended by itself; killed after so long."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line.decode(errors="replace"))
        self._lines.put("")
