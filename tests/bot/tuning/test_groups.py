from itertools import cycle, islice

from bot.notices.suggesting import Cues, Example
from bot.subscriptions.groups import Group, Groups
from bot.tuning.groups import Score, learn, score, write
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.classifier import Classifier
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.sectors import national_sectors

GROUPS = Groups([Group("渔民", ("打鱼的",), ""), Group("老年人", ("老人",), "")])
CUES = Cues({"渔民": ["渔船", "休渔"], "老年人": ["高龄", "敬老"]}, GROUPS)
WORDS = {
    ("渔民",): ("渔船检验", "休渔安排", "打鱼的补贴", "渔民转产"),
    ("老年人",): ("高龄津贴", "敬老活动", "老人乘车", "老年人体检"),
    ("渔民", "老年人"): ("高龄渔民补助", "渔船上的老人"),
}


def examples():
    return [
        Example(f"关于{word}的通知{n}", f"{word}办理第{n}批", ("养老服务",), groups)
        for groups, words in WORDS.items()
        for n, word in enumerate(islice(cycle(words), 12))
    ]


def learned():
    words = Tokeniser(national_sectors().names)
    analyser = Analyser(words, Synonyms(()))
    return learn(examples(), analyser, CUES, national_sectors(), 4, lambda _: None)


def test_what_can_be_learned_is_learned():
    assert learned().groups.f1 > 0.9


def test_learning_again_learns_the_same_and_is_read_back(tmp_path):
    first, again = learned(), learned()
    write(first, tmp_path)

    kept = Classifier.read((tmp_path / "groups.csv").read_text("utf-8").splitlines())

    assert first.classifier.table() == again.classifier.table() == kept.table()
    assert f"groups = {first.thresholds.groups}" in (tmp_path / "thresholds.toml").read_text(
        "utf-8"
    )


def test_micro_figures():
    found = score([["a", "b"], ["c"]], [["a"], ["d", "e"]])

    assert found == Score(right=1, suggested=3, wanted=3)
    assert found.f1 == 1 / 3
    assert Score(0, 0, 0).f1 == 0
