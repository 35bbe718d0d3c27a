"""A small thing to learn from: made-up documents, ways to ask for each, and messages that are for other doors."""

import pytest

from bot.knowledge.model import Content
from bot.tuning.questions import OURS, Example, Material, messages_for_doors, questions
from bot.tuning.tuning import Tuning
from catalogue_index.analysis.synonyms import Synonym
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import national_areas
from catalogue_index.model import Document, Item
from catalogue_index.plans import Passage
from catalogue_index.sectors import national_sectors
from faq.model import FaqEntry
from faq.snapshot import Phrasing

AREA = "441204"
CONTENTS = (
    Content(
        Document("notice", "某省答疑", "faq", "44", "广东省", reference=True),
        "全文",
        entries=tuple(
            FaqEntry("notice", number, "", question, answer)
            for number, question, answer in (
                (1, "标准目录由谁编制？", "由县级政府统一编制。"),
                (2, "公开依据要写到条款吗？", "要写明具体条款。"),
                (3, "目录多久更新一次？", "每年更新一次。"),
                (4, "月亮上要设公开栏吗？", "不需要设置。"),
            )
        ),
    ),
    Content(
        Document("gaoyao-plan", "高要区方案", "plan", AREA, "高要区"),
        "全文",
        passages=(
            Passage("gaoyao-plan", 1, "task", (), "一", "建设专区", "各镇要建设政务公开专区。"),
            Passage("gaoyao-plan", 2, "task", (), "二", "加强培训", "每年组织业务培训两次。"),
            Passage(
                "gaoyao-plan",
                3,
                "responsibility",
                (),
                "三",
                "社会救助目录",
                "社会救助目录由区民政局牵头。",
                sectors=("社会救助",),
            ),
        ),
    ),
    Content(
        Document("sample", "某县目录", "catalogue", "140525", "泽州县", reference=True),
        items=(
            Item("社会救助", "最低生活保障", "审批信息", content="低保名单"),
            Item("养老服务", "养老补贴", "补贴名单", content="老年人补贴名单"),
        ),
    ),
)
SAID = {
    "faq:notice-1": ("目录谁来编", "目录谁编", "编目录是谁的事", "目录谁来编制"),
    "faq:notice-2": ("依据写到条款吗", "条款要写吗", "依据要写条款吗", "依据要不要写到条款"),
    "faq:notice-3": ("目录多久更新", "更新目录多久一次", "多久更新", "目录多久要更新"),
    "faq:notice-4": ("月球基地公示处",),
    "plan:gaoyao-plan-1": ("专区怎么建", "各镇专区建在哪", "专区要建吗", "各镇怎么建专区"),
    "plan:gaoyao-plan-2": ("培训几次", "培训每年几次", "每年培训吗", "每年培训几次"),
    "plan:gaoyao-plan-3": (
        "社会救助谁牵头",
        "社会救助目录谁牵头",
        "救助谁牵头",
        "救助目录谁来牵头",
    ),
    "item:社会救助/最低生活保障/审批信息": (
        "低保批给谁",
        "低保名单在哪看",
        "低保名单",
        "低保批给谁了",
    ),
    "item:养老服务/养老补贴/补贴名单": (
        "老人补贴发给谁",
        "老人补贴名单",
        "补贴名单在哪看",
        "老人补贴在哪看",
    ),
}
"""Of each unit, ways to ask for it that are much alike, but for the last entry: that has only one, like no other."""
MESSAGES = {
    "chitchat": ("你好呀", "你好", "早上好呀", "早上好"),
    "other_government": ("身份证怎么办", "驾驶证怎么办", "护照怎么办", "身份证去哪办"),
    OURS: ("护照目录谁编",),
}


@pytest.fixture(scope="session")
def phrasings():
    return [Phrasing(unit, text) for unit, texts in SAID.items() for text in texts]


@pytest.fixture(scope="session")
def messages():
    return [Example(text, route=route) for route, texts in MESSAGES.items() for text in texts]


@pytest.fixture(scope="session")
def material(phrasings, messages):
    return Material(CONTENTS, phrasings, messages, [Synonym("低保", "最低生活保障", "社会救助")])


@pytest.fixture(scope="session")
def asked(material):
    """All of the material, asked."""
    doors = messages_for_doors(material.messages, [AREA])
    return [*questions(material.phrasings, CONTENTS, [AREA]), *doors]


@pytest.fixture(scope="session")
def half(asked):
    """What people asked: two phrasings of each unit, for the others were written, and all messages."""
    said = {text for texts in SAID.values() for text in texts[:2]}
    return [example for example in asked if example.route or example.text in said]


@pytest.fixture(scope="session")
def tokeniser(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("目录 50\n低保 40\n补贴 9\n名单 8\n更新 7\n", encoding="utf-8")
    return Tokeniser(dictionary=dictionary)


@pytest.fixture(scope="session")
def new_tuning(tokeniser):
    return lambda material: Tuning(material, tokeniser, national_areas(), national_sectors())


@pytest.fixture(scope="session")
def tuning(material, new_tuning):
    return new_tuning(material)
