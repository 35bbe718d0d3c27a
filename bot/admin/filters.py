"""How values are written on the console's pages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.channels.cost import in_yuan
from bot.clock import CHINA

_LEFT_TO_RIGHT, _END = "\u2068", "\u2069"


def moment(second: int | None) -> str:
    """A moment to the minute: 2026-11-21 09:05; nothing for none."""
    return f"{datetime.fromtimestamp(second, CHINA):%Y-%m-%d %H:%M}" if second else ""


def time(second: int) -> str:
    """The time of day of a moment, to the second: 09:05:00."""
    return f"{datetime.fromtimestamp(second, CHINA):%H:%M:%S}"


def minute(at: datetime | str) -> str:
    """A moment, perhaps in ISO 8601, to the minute in China; what is no moment stays as it is."""
    try:
        known = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        return str(at)
    return f"{known.astimezone(CHINA):%Y-%m-%d %H:%M}"


def day(second: int | None) -> str:
    """The day of a moment: 2026-11-21; nothing for none."""
    return f"{datetime.fromtimestamp(second, CHINA):%Y-%m-%d}" if second else ""


def apart(text: object) -> str:
    """Somebody's words, whose direction of writing does not reach beyond them (Unicode isolates, UAX #9)."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}"


def short(text: str, most: int = 60) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else f"{text[:most]}…"


def number(value: int | float) -> str:
    """A number with its thousands apart."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """A share in per cent: 42 %; a dash where there is no whole."""
    return f"{100 * part / whole:.0f} %" if whole else "—"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "moment": moment,
    "time": time,
    "minute": minute,
    "day": day,
    "apart": apart,
    "short": short,
    "number": number,
    "share": share,
    "yuan": in_yuan,
}
"""By the names that templates use."""
