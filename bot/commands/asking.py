"""``ask`` and ``chat``: one question, a conversation."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap
from bot.answering.model import Answer, Question
from bot.dialog.model import Incoming, State
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused
from catalogue_index.readers.text import read_text

from .console import Json, fail, print_json, settings, steps

Area = Annotated[str, typer.Option(help="提问人所在地区：代码（441204）或名称（高要区）")]


def ask(
    question: Annotated[str, typer.Argument(help="要问的问题")] = "",
    area: Area = "",
    context: Annotated[str, typer.Option(help="上一句问的是什么，用于接着问")] = "",
    batch: Annotated[
        Path | None, typer.Option(help="JSON Lines 文件，每行一个问题；- 表示标准输入")
    ] = None,
    version: Annotated[
        str, typer.Option(help="用哪个知识版本回答（见 knowledge versions）；不写则用当前的")
    ] = "",
    as_json: Json = False,
) -> None:
    """问一个问题，或用 --batch 成批地问。"""
    if batch is None and not question.strip():
        fail('请写上要问的问题，例如：zwgk ask "公开依据要写到条款吗"。', status=1)
    code = national_areas().find(area).code if area else None
    asked = _questions(batch) if batch is not None else ()
    with steps() as step:
        parts = bootstrap.services(settings(), step=step, version=version)
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
