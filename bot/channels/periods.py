"""Until when a provider that has had enough takes nothing."""

from datetime import datetime, timedelta

from bot.clock import CHINA


def end_of(period: str, now: datetime) -> datetime:
    """A minute or an hour from ``now``; of the day: the next midnight in China, where quotas begin anew."""
    now = now.astimezone(CHINA)
    match period:
        case "minute":
            return now + timedelta(minutes=1)
        case "hour":
            return now + timedelta(hours=1)
        case "day":
            tomorrow = now + timedelta(days=1)
            return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)
        case _:
            raise ValueError(period)
