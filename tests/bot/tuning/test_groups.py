import tomllib
from itertools import cycle, islice

from bot.answering.recognising import learned_recogniser
from bot.notices.suggesting import Cues, Example, Listener, Thresholds
from bot.subscriptions.groups import Group, Groups
from bot.tuning.groups import Limits, Score, beginning, learn, score, write
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.sectors import national_sectors

GROUPS = Groups([Group("渔民", ("打鱼的",), ""), Group("老年人", ("老人",), "")])
CUES = Cues({"渔民": ["渔船", "休渔"], "老年人": ["高龄", "敬老"]}, GROUPS)
SECTORS = {
    ("渔民",): ("涉农补贴",),
    ("老年人",): ("养老服务",),
    ("渔民", "老年人"): ("养老服务", "涉农补贴"),
}
WORDS = {
    ("渔民",): ("渔船检验", "休渔安排", "打鱼的补贴", "渔民转产"),
    ("老年人",): ("高龄津贴", "敬老活动", "老人乘车", "老年人体检"),
    ("渔民", "老年人"): ("高龄渔民补助", "渔船上的老人"),
}


def examples():
    return [
        Example(f"关于{word}的通知{n}", f"{word}办理第{n}批", SECTORS[groups], groups)
        for groups, words in WORDS.items()
        for n, word in enumerate(islice(cycle(words), 12))
    ]


def learned():
    words = Tokeniser(national_sectors().names)
    analyser = Analyser(words, Synonyms(()))
    listener = Listener(analyser, learned_recogniser(), CUES)
    return learn(examples(), listener, 4, lambda _: None)


def test_what_can_be_learned_is_learned():
    found = learned()

    assert found.groups.score.f1 > 0.9
    assert found.sectors.score.f1 > 0.9


def test_sectors_begin_where_most_are_right_and_groups_a_little_above():
    heard = [{"a": s, "b": s / 2, "c": -1.0} for s in (0.9, 0.8, 0.7, 0.2)]
    wanted = [["a", "b"], ["a", "b"], ["a"], ["a"]]

    best = beginning(heard, wanted, Limits(most=2, slack=0.0))
    strict = beginning(heard, wanted, Limits(most=2, slack=0.3))

    assert best == (0.375, Score(right=6, suggested=6, wanted=6))
    assert strict == (1.0, Score(right=4, suggested=4, wanted=6))


def test_learning_again_learns_the_same_and_is_read_back(tmp_path):
    first, again = learned(), learned()
    write(first, tmp_path)

    for name, one, other in (
        ("sectors", first.sectors, again.sectors),
        ("groups", first.groups, again.groups),
    ):
        kept = Classifier.read((tmp_path / f"{name}.csv").read_text("utf-8").splitlines())
        assert one.classifier.table() == other.classifier.table() == kept.table()
    thresholds = Thresholds(**tomllib.loads((tmp_path / "thresholds.toml").read_text("utf-8")))
    assert thresholds == Thresholds(
        first.sectors.least, first.sectors.most, first.groups.least, first.groups.most
    )


def test_micro_figures():
    found = score([["a", "b"], ["c"]], [["a"], ["d", "e"]])

    assert found == Score(right=1, suggested=3, wanted=3)
    assert found.f1 == 1 / 3
    assert Score(0, 0, 0).f1 == 0
