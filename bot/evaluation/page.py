"""A run as one web page that stands alone: no other file, no host, no script."""

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from . import wording
from .comparing import Comparison, Run
from .scores import (
    Reliability,
    characters,
    confusions,
    milliseconds,
    parts,
    reliability,
)

_LEFT, _TOP, _WIDTH, _HEIGHT = 44, 14, 300, 150
"""The reliability chart's own field, in units of its picture."""


def page(run: Run, title: str, comparison: Comparison | None = None) -> str:
    """The page of a run."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["of"] = wording.of
    environment.filters["number"] = wording.number
    template = environment.from_string(
        files("bot.evaluation").joinpath("page.html").read_text(encoding="utf-8")
    )
    return template.render(
        title=title,
        run=run,
        wording=wording,
        total=len(run.outcomes),
        right=sum(outcome.right for outcome in run.outcomes),
        wrong=sum(outcome.wrong for outcome in run.outcomes),
        ms=milliseconds(run.outcomes),
        length=characters(run.outcomes),
        parts=parts(run.outcomes),
        confusions=confusions(run.outcomes),
        reliability=reliability(run.outcomes),
        points=_points(reliability(run.outcomes)),
        misses=[outcome for outcome in run.outcomes if not outcome.right],
        comparison=comparison,
    )


def _points(table: Sequence[Reliability]) -> list[tuple[float, float, Reliability]]:
    """Where the reliability chart has its points: the floor of its scale is half."""
    step = _WIDTH / (len(table) - 1)
    return [
        (
            round(_LEFT + place * step, 1),
            round(_TOP + _HEIGHT * 2 * (1 - max(row.right / row.answers, 0.5)), 1),
            row,
        )
        for place, row in enumerate(table)
        if row.answers
    ]
