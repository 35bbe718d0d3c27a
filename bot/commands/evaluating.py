"""``eval``: question sets asked, scored, kept, compared, and shown as a page."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from bot import bootstrap
from bot.clock import china_clock
from bot.evaluation import wording
from bot.evaluation.cases import Case, read_cases
from bot.evaluation.comparing import Change, Comparison, Run, compare, load, save
from bot.evaluation.judging import Outcome, evaluate
from bot.evaluation.page import page
from bot.evaluation.plain import plain_first
from bot.evaluation.scores import (
    Part,
    characters,
    confusions,
    groupings,
    milliseconds,
    parts,
    reliability,
    scores,
)
from catalogue_index.areas import national_areas

from .console import Json, notes, print_json, print_table, say, settings, steps

_EXAMPLES = 3


def evaluate_sets(
    files: Annotated[list[Path], typer.Argument(help="题目文件（JSON Lines），可以写几个")],
    as_json: Json = False,
    misses: Annotated[bool, typer.Option("--misses", help="列出没答对的题")] = False,
    save_to: Annotated[
        Path | None, typer.Option("--save", help="把这次的成绩存到文件，供以后比较")
    ] = None,
    compare_with: Annotated[
        Path | None, typer.Option("--compare", help="和以前存下的成绩比较：哪些题变好、变差")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="把成绩写成一个网页文件")] = None,
) -> None:
    """给题目打分：按题型列表，另列答错成什么、把握有多可靠；答疑题旁边列出朴素方法的成绩。"""
    areas = national_areas()
    cases = [case for file in files for case in read_cases(file, areas)]
    before = load(compare_with) if compare_with else None
    with steps() as step:
        parts_of_service = bootstrap.services(settings(), step=step)
    run = _asked(cases, parts_of_service)
    comparison = compare(before, run) if before else None
    title = "、".join(file.name for file in files)
    if save_to:
        save(run, save_to)
    if html:
        html.write_text(page(run, title, comparison), encoding="utf-8")
    if as_json:
        print_json(_run_json(run) | ({"comparison": _compared(comparison)} if comparison else {}))
        return
    _print(run, title)
    if misses:
        _print_misses(run)
    if comparison:
        _print_comparison(comparison)
    for path, what in ((save_to, "成绩已存到"), (html, "网页已写到")):
        if path:
            say(f"{what} {path}。")


def _asked(cases: Sequence[Case], services: bootstrap.Services) -> Run:
    shown = track(cases, "答题", console=notes, transient=True, disable=not notes.is_terminal)
    knowledge = services.library.current()
    services.warm_up()
    outcomes = evaluate(shown, services.answers.answer)
    plain = plain_first(cases, knowledge)
    made = f"{china_clock():%Y-%m-%d %H:%M}"
    return Run(
        knowledge.version,
        made,
        tuple(replace(outcome, plain=p) for outcome, p in zip(outcomes, plain, strict=True)),
    )


# --- for people ----------------------------------------------------------------------------------


def _print(run: Run, title: str) -> None:
    for part in parts(run.outcomes):
        for by in part.tables:
            _print_scores(part, by, f"{title}：{wording.PARTS[part.outside]}")
    found = confusions(run.outcomes)
    if found:
        rows = [(pair.expected, pair.taken, len(pair.ids), _examples(pair.ids)) for pair in found]
        print_table("把什么当成了什么", ["应为", "答成", "次数", "题目编号"], rows)
    sure = [
        (r.at_least, r.answers, wording.of(r.right, r.answers)) for r in reliability(run.outcomes)
    ]
    print_table("把握有多可靠", ["把握不低于", "作答", "答对"], sure)
    ms, length = milliseconds(run.outcomes), characters(run.outcomes)
    say(
        f"平均每题 {ms.mean:.2f} 毫秒（中位 {ms.p50:.2f}，99% 在 {ms.p99:.2f} 以内）；"
        f"答案平均 {length.mean:.0f} 字，最长 {length.most:.0f} 字"
    )


def _print_scores(part: Part, by: str, title: str) -> None:
    first, offered, wrong = wording.FIRST_OFFERED_WRONG[part.outside]
    table = [*part.tables[by], part.total]
    plain = any(score.plain is not None for score in table)
    columns = [wording.BY[by], "题数", first, offered, wrong, *([wording.PLAIN] if plain else [])]
    rows: list[list[object]] = []
    for score in table:
        told = wording.row(score)
        if plain:
            told.append("" if score.plain is None else wording.of(score.plain, score.cases))
        rows.append(told)
    print_table(title, columns, rows)


def _examples(ids: Sequence[str]) -> str:
    return "、".join(ids[:_EXAMPLES]) + ("……" if len(ids) > _EXAMPLES else "")


def _print_misses(run: Run) -> None:
    rows = [
        (o.id, o.style, wording.asked(o), o.expected, o.told, o.confidence)
        for o in run.outcomes
        if not o.right
    ]
    print_table("没答对的题", ["编号", "题型", "题目", "应为", "结果", "把握"], rows)


def _print_comparison(comparison: Comparison) -> None:
    figures = [
        (wording.FIGURES[name], *map(wording.number, pair))
        for name, pair in comparison.figures.items()
    ]
    print_table("和上次相比", ["", "上次", "这次"], figures)
    print_changes(comparison)
    others = [
        f"这次多了 {comparison.added} 题" if comparison.added else "",
        f"少了 {comparison.removed} 题" if comparison.removed else "",
    ]
    counts = f"变好 {len(comparison.better)} 题，变差 {len(comparison.worse)} 题"
    say("，".join(filter(None, [counts, *others])) + "。")


def print_changes(comparison: Comparison) -> None:
    """The questions that are worse, then those that are better, with what came before and now."""
    for title, changes in (("变差的题", comparison.worse), ("变好的题", comparison.better)):
        if changes:
            rows = [(c.now.id, wording.asked(c.now), c.before.told, c.now.told) for c in changes]
            print_table(title, ["编号", "题目", "原来", "现在"], rows)


# --- for programs --------------------------------------------------------------------------------


def _run_json(run: Run) -> dict[str, Any]:
    outcomes = run.outcomes
    ms, length = milliseconds(outcomes), characters(outcomes)
    return {
        "version": run.version,
        "made": run.made,
        "cases": len(outcomes),
        "right": sum(outcome.right for outcome in outcomes),
        "wrong": sum(outcome.wrong for outcome in outcomes),
        "ms": round(ms.mean, 2),
        "ms_p50": round(ms.p50, 2),
        "ms_p99": round(ms.p99, 2),
        "length_mean": round(length.mean, 1),
        "length_most": length.most,
        "scores": [score.to_json("style") for score in scores(outcomes)],
        "by": {
            by: [score.to_json(by) for score in table] for by, table in groupings(outcomes).items()
        },
        "confusions": [
            {"expected": c.expected, "taken": c.taken, "count": len(c.ids), "ids": list(c.ids)}
            for c in confusions(outcomes)
        ],
        "reliability": [
            {"at_least": r.at_least, "answers": r.answers, "right": r.right}
            for r in reliability(outcomes)
        ],
        "misses": [_miss_json(outcome) for outcome in outcomes if not outcome.right],
    }


def _miss_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "set": outcome.set,
        "style": outcome.style,
        "question": outcome.question,
        "expected": outcome.expected,
        "kind": outcome.kind,
        "route": outcome.route,
        "confidence": outcome.confidence,
        "source": outcome.taken if outcome.answered else "",
        "reasons": list(outcome.reasons),
    }


def _compared(comparison: Comparison) -> dict[str, Any]:
    return {
        "before_version": comparison.before.version,
        "figures": {
            name: {"before": before, "now": now}
            for name, (before, now) in comparison.figures.items()
        },
        "better": _changes_json(comparison.better),
        "worse": _changes_json(comparison.worse),
        "added": comparison.added,
        "removed": comparison.removed,
    }


def _changes_json(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {
            "id": change.now.id,
            "question": change.now.question,
            "before": change.before.told,
            "now": change.now.told,
        }
        for change in changes
    ]
