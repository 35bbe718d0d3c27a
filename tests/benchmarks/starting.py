"""Seconds from the command to the first ready answer, and what the serving process holds in memory then."""

import http.client
import os
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.benchmarks.webhook import QUESTIONS, free_port


@dataclass(frozen=True, slots=True)
class Started:
    """``megabytes`` is resident memory after some answers; 0 where the system does not tell."""

    seconds: float
    megabytes: float


def start(data_dir: Path) -> Started:
    """Start ``zwgk serve`` with one process, ask, look, and end it.

    Its modules are compiled at the first start in ``data_dir`` and read afterwards, as those of an installation are.
    """
    port = free_port()
    zwgk = str(Path(sys.executable).with_name("zwgk"))
    command = [zwgk, "serve", "--data-dir", str(data_dir)]
    began = time.perf_counter()
    compiled = {"PYTHONPYCACHEPREFIX": str(data_dir / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, env={**os.environ, **compiled}
    )
    try:
        while _status(port, "/readyz") != http.client.OK:
            if process.poll() is not None:
                raise RuntimeError("the service did not start")
            time.sleep(0.01)
        seconds = time.perf_counter() - began
        for question in QUESTIONS * 5:
            _status(port, f"/api/ask?question={quote(question)}&area=441204")
        return Started(seconds, _resident(process.pid))
    finally:
        process.terminate()
        process.wait(20)


def _status(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        with suppress(OSError):
            connection.request("GET", path)
            return connection.getresponse().status
        return 0


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
