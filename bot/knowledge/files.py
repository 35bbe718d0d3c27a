"""Files that outlive a crash of the machine: what is named once a write is over is on disk, and whole."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


@contextmanager
def durable(path: Path) -> Iterator[BinaryIO]:
    """A file to write, on disk when the block ends. May raise ``OSError``."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def write(path: Path, data: bytes) -> None:
    """Write a file that nobody reads yet. May raise ``OSError``."""
    with durable(path) as file:
        file.write(data)


def put(path: Path, data: bytes) -> None:
    """Write a file in place of an older one: whoever reads meanwhile sees that one whole. May raise ``OSError``."""
    part = path.with_name(f"{path.name}.part")
    write(part, data)
    part.replace(path)


def readable(said: Any) -> bytes:
    """JSON for a file that people may look into."""
    return json.dumps(said, ensure_ascii=False, indent=1).encode()
