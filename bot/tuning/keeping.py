"""What was learned, as files: a table for each classifier, and the weights with a digest of what they come from."""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bot.answering.recognising import read_classifiers
from bot.answering.scoring import weights_in
from catalogue_index.analysis.classifier import Classifier

SHIPPED = Path(str(files("bot.answering"))) / "data" / "learned"
"""Where ``bot.answering`` reads it."""

_HEAD = "# Learned by `zwgk tune`; what each feature is, bot/answering/finding.py says.\n"


@dataclass(frozen=True, slots=True)
class Learned:
    """The classifiers by name, the weights, and the digest of the material."""

    classifiers: Mapping[str, Classifier]
    weights: Mapping[str, float]
    digest: str


def write(learned: Learned, folder: Path) -> None:
    """Put what was learned into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, classifier in learned.classifiers.items():
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(classifier.table())
        (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
    lines = [f'"{name}" = {value}' for name, value in learned.weights.items()]
    head = f'{_HEAD}material = "{learned.digest}"\n\n[weights]\n'
    (folder / "weights.toml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def read(folder: Path) -> Learned:
    """What a folder holds."""
    kept = tomllib.loads((folder / "weights.toml").read_text("utf-8"))
    return Learned(read_classifiers(folder), weights_in(kept), kept.get("material", ""))
