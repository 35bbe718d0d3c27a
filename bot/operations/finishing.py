"""The end of a change of data directories that was decided: a few renames, which whoever starts next takes up again.

Every start asks for it, so nothing is loaded here that is not needed where no change is under way.
"""

import json
from contextlib import suppress
from pathlib import Path

DECIDED = ".restored"
"""In the data directory: the change, from the rename that decides until all is in its place."""

NEW, OLD, PLAN = "new", "old", "plan.json"
"""In it: what enters, what has left, and which is which: ``leaving``, ``entering`` (names in the data directory), ``kept``
(the folder in the data directory for what left)."""


def finish(data_dir: Path) -> None:
    """Bring a change that was decided to its end; nothing to do where none is under way."""
    work = data_dir / DECIDED
    if not work.exists():
        return
    with suppress(FileNotFoundError):  # another process, begun at the same time, was quicker
        _finish(data_dir, work)


def _finish(data_dir: Path, work: Path) -> None:
    import shutil

    plan = json.loads((work / PLAN).read_text(encoding="utf-8"))
    for name in dict.fromkeys((*plan["leaving"], *plan["entering"])):
        here, old, new = data_dir / name, work / OLD / name, work / NEW / name
        entered = name in plan["entering"] and not new.exists()
        if here.exists() and not old.exists() and not entered:
            here.rename(old)
        if new.exists():
            new.rename(here)
    if not all(map(is_bare, (work / OLD).iterdir())):
        (work / OLD).rename(data_dir / plan["kept"])
    shutil.rmtree(work)


def is_bare(path: Path) -> bool:
    """Whether this is a folder with nothing in it but a lock."""
    return path.is_dir() and all(map(is_lock, path.iterdir()))


def is_lock(path: Path) -> bool:
    """Whether this file is ``bot.knowledge.lock``'s, or SQLite's beside it: it holds nothing."""
    return path.name in ("lock", "lock-journal")
