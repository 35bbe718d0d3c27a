"""Files of what was learned: read as they were written, and fit for what they are shipped with."""

import pytest

from bot.answering.scoring import learned_weights
from bot.tuning.keeping import SHIPPED, read, write
from bot.tuning.questions import builtin_material

from .conftest import MESSAGES, SAID


@pytest.fixture(scope="module")
def learned(tuning, asked):
    return tuning.learn(asked, 2, lambda _: None)[0]


def test_what_is_written_is_read_as_it_was_learned(learned, tmp_path):
    folder = tmp_path / "new" / "learned"
    write(learned, folder)
    write(learned, folder)
    kept = read(folder)
    assert (kept.weights, kept.digest) == (learned.weights, learned.digest)
    for name, classifier in learned.classifiers.items():
        assert kept.classifiers[name].classes == classifier.classes
        assert kept.classifiers[name].table() == classifier.table()
        for said in (*SAID["faq:notice-1"], *MESSAGES["chitchat"], ""):
            found = runs_of(said)
            assert kept.classifiers[name].scores(found) == classifier.scores(found)


def runs_of(text):
    return {text[at : at + length] for at in range(len(text)) for length in (1, 2, 3)}


def test_the_same_is_written_to_the_byte(learned, tmp_path):
    for name in ("one", "two"):
        write(learned, tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_what_is_shipped_is_what_answers():
    assert read(SHIPPED).weights == learned_weights()


def test_what_is_shipped_was_learned_from_what_is_shipped():
    """Documents, phrasings, messages or everyday words changed since: ``zwgk tune --write`` learns anew from them."""
    assert read(SHIPPED).digest == builtin_material().digest, "run zwgk tune --write"


def test_what_is_shipped_weighs_what_is_found(learned):
    """Features were added since: ``zwgk tune --write`` learns what they weigh."""
    assert read(SHIPPED).weights.keys() >= learned.weights.keys(), "run zwgk tune --write"
