"""``ask``, ``chat`` and ``eval``: one question, a conversation, a question set."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from bot import bootstrap
from bot.answering.evaluation import Outcome, Score, evaluate, read_cases, scores
from bot.answering.model import Answer, Question
from bot.answering.plain import plain_first
from bot.dialog.model import Incoming, State
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused
from catalogue_index.readers.text import read_text

from .console import Json, fail, notes, print_json, print_table, say, settings, steps
from .usage import Command

Area = Annotated[str, typer.Option(help="提问人所在地区：代码（441204）或名称（高要区）")]


def add_to(app: typer.Typer) -> None:
    """Put the commands of this module on ``app``."""
    app.command(cls=Command)(ask)
    app.command(cls=Command)(chat)
    app.command("eval", cls=Command)(evaluate_set)


def ask(
    question: Annotated[str, typer.Argument(help="要问的问题")] = "",
    area: Area = "",
    context: Annotated[str, typer.Option(help="上一句问的是什么，用于接着问")] = "",
    batch: Annotated[
        Path | None, typer.Option(help="JSON Lines 文件，每行一个问题；- 表示标准输入")
    ] = None,
    as_json: Json = False,
) -> None:
    """问一个问题，或用 --batch 成批地问。"""
    if batch is None and not question.strip():
        fail('请写上要问的问题，例如：zwgk ask "公开依据要写到条款吗"。', status=1)
    code = national_areas().find(area).code if area else None
    asked = _questions(batch) if batch is not None else ()
    with steps() as step:
        parts = bootstrap.services(settings(), step=step)
    if batch is not None:
        _answer_all(asked, parts.answers)
        return
    started = time.perf_counter()
    answer = parts.answers.answer(Question(question, code, context or None))
    ms = (time.perf_counter() - started) * 1000
    if as_json:
        print_json({**answer.to_json(), "ms": round(ms, 2)})
    else:
        _show(answer)


def _questions(batch: Path) -> Iterable[tuple[object, Question]]:
    """The questions of a batch with their ids: of a file when every line has been checked, of a pipe as they come."""
    if str(batch) == "-":
        return _read(sys.stdin)
    return list(_read(read_text(batch).splitlines()))


def _read(lines: Iterable[str]) -> Iterator[tuple[object, Question]]:
    areas = national_areas()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            text, context = asked["question"], asked.get("context")
            if not isinstance(text, str) or not isinstance(context, str | None):
                raise TypeError("question and context are text")
            area = areas.find(str(asked["area"])).code if asked.get("area") else None
        except Refused as error:
            raise Refused(f"第 {number} 行：{error}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(
                f'第 {number} 行用不了：每行应是 JSON 对象，例如 {{"id": "1", "question": "…"}}。'
            ) from error
        yield asked.get("id", str(number)), Question(text, area, context)


def _answer_all(asked: Iterable[tuple[object, Question]], answers: bootstrap.Answers) -> None:
    for key, question in asked:
        started = time.perf_counter()
        answer = answers.answer(question)
        ms = (time.perf_counter() - started) * 1000
        told = {"id": key, **answer.to_json(), "ms": round(ms, 2)}
        print(json.dumps(told, ensure_ascii=False), flush=True)


def _show(answer: Answer) -> None:
    print(answer.text)  # not through rich, which would break official lines at the terminal's width
    for number, choice in enumerate(answer.choices, 1):
        print(f"{number}. {choice.label}")
    if answer.related:
        print("\n相关问题：" + "；".join(choice.label for choice in answer.related))
    if answer.reasons:
        print("为什么：" + "；".join(answer.reasons))


def chat(area: Area = "") -> None:
    """在终端里聊天，和微信里一样；按 Ctrl+D 结束。"""
    home = national_areas().find(area).code if area else None
    with steps() as step:
        parts = bootstrap.services(settings(), step=step)
    state: State | None = None
    turn = parts.dialog.respond(Incoming("subscribe", "", home), state)
    while True:
        reply, state = turn.reply, turn.state
        if reply.text:
            print("\n".join(filter(None, [reply.text, reply.source])))
        if reply.options:
            print(reply.options_title)
        for number, option in enumerate(reply.options, 1):
            print(f"  {number}. {option.label}")
        try:
            text = input("\n您：")
        except (EOFError, KeyboardInterrupt):
            print("\n再见。")
            return
        turn = parts.dialog.respond(Incoming("text", text, home), state)


def evaluate_set(
    file: Annotated[Path, typer.Argument(help="题目文件（JSON Lines）")],
    as_json: Json = False,
    misses: Annotated[bool, typer.Option("--misses", help="列出没答对的题")] = False,
) -> None:
    """给一套题打分，按题型列表；答疑题旁边列出朴素方法的成绩。"""
    cases = read_cases(file, national_areas())
    with steps() as step:
        parts = bootstrap.services(settings(), step=step)
    shown = track(cases, "答题", console=notes, transient=True, disable=not notes.is_terminal)
    started = time.perf_counter()
    outcomes = evaluate(shown, parts.answers.answer)
    ms = (time.perf_counter() - started) * 1000 / len(cases)
    table = scores(outcomes)
    plain = plain_first(cases, parts.library.current()) if "gold_faq" in cases[0].gold else {}
    if as_json:
        print_json(
            {
                "ms": round(ms, 2),
                "scores": [_score_json(score, plain) for score in table],
                "misses": [_miss_json(outcome) for outcome in outcomes if not outcome.first],
            }
        )
        return
    columns = ["题型", "题数", "首答正确", "前三有", "答错", *(["朴素方法"] if plain else [])]
    print_table(file.name, columns, [_score_row(score, plain) for score in table])
    say(f"平均每题 {ms:.2f} 毫秒")
    if misses:
        rows = [list(_miss_json(outcome).values()) for outcome in outcomes if not outcome.first]
        print_table(
            "没答对的题", ["编号", "题型", "题目", "结果", "去向", "把握", "用了哪条"], rows
        )


def _score_row(score: Score, plain: dict[str, int]) -> list[object]:
    row: list[object] = [
        score.style,
        score.cases,
        f"{score.first / score.cases:.1%}",
        f"{score.offered / score.cases:.1%}",
        score.wrong,
    ]
    return [*row, f"{plain[score.style] / score.cases:.1%}"] if plain else row


def _score_json(score: Score, plain: dict[str, int]) -> dict[str, Any]:
    told = {
        "style": score.style,
        "cases": score.cases,
        "first": score.first,
        "offered": score.offered,
        "wrong": score.wrong,
    }
    return told | ({"plain_first": plain[score.style]} if plain else {})


def _miss_json(outcome: Outcome) -> dict[str, Any]:
    answer = outcome.answer
    return {
        "id": outcome.case.id,
        "style": outcome.case.style,
        "question": outcome.case.question.text,
        "kind": str(answer.kind),
        "route": answer.route,
        "confidence": round(answer.confidence, 2),
        "source": answer.sources[0].title if answer.sources else "",
    }
