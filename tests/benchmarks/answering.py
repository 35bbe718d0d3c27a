"""Milliseconds to one answer in process, over what the built-in documents can be asked."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from bot import bootstrap
from bot.answering.model import Question
from bot.settings import Settings

AREAS = ("441204", "140525", "420103", "511525", None)


def questions(services: bootstrap.Services, count: int, chance: random.Random) -> list[Question]:
    """Official questions and rows of the catalogue, as people put them: with ends cut and characters wrong."""
    known = services.library.current()
    words = [entry.question for d in known.documents for entry in known.entries_of(d)]
    for document in known.documents:
        for item in known.items_of(document):
            ending = chance.choice(("在哪里公开", "多久公开", "由谁公开", "公开什么内容", ""))
            words.append(f"{item.category or item.sector or ''}{item.item or ''}{ending}"[-40:])
    asked = []
    for _ in range(count):
        text = chance.choice(words)
        if len(text) > 4 and chance.random() < 0.5:
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(("", "的", chance.choice(text))) + text[at + 1 :]
        asked.append(Question(text, chance.choice(AREAS)))
    return asked


def milliseconds(data_dir: Path, count: int = 1000) -> Sequence[float]:
    """The time of each of ``count`` answers, in ascending order, after 100 to warm up."""
    services = bootstrap.services(Settings.model_validate({"data_dir": data_dir}))
    services.warm_up()
    asked = questions(services, count + 100, random.Random(20261121))
    taken = []
    for question in asked:
        started = time.perf_counter()
        services.answers.answer(question)
        taken.append(1000 * (time.perf_counter() - started))
    return sorted(taken[100:])
