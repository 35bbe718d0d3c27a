"""A small published knowledge, answers over it, and the citizen page in a client."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.answering.model import Answer, Choice, Kind, Question, Source
from bot.web import routes
from bot.web.api import Record
from catalogue_index.areas import national_areas
from catalogue_index.model import Document, Item, Place
from faq.model import FaqEntry

NOTICE = Document(
    "guangdong-2020-notice",
    "广东省人民政府办公厅关于切实做好基层政务公开标准化规范化工作的通知",
    "faq",
    "44",
    "广东省",
    issuer="广东省人民政府办公厅",
    date="2020",
)
CATALOGUE = Document(
    "gaoyao-social-assistance",
    "高要区社会救助领域基层政务公开标准目录",
    "catalogue",
    "441204",
    "高要区",
    issuer="高要区民政局",
    number="高民〔2020〕8号",
    date="2020-11-30",
    version="2020",
)
RULES = Document(
    "zezhou-2020-rules", "泽州县实施细则", "plan", "140525", "泽州县", date="2020-07-31"
)
TOWN = Document(
    "jindu-2021-list", "金渡镇公开清单", "catalogue", "441204101", "金渡镇", date="2021"
)
EXAMPLE = Document("yinzhou", "鄞州区目录", "catalogue", "330212", "鄞州区", reference=True)

ENTRIES = (
    FaqEntry(
        NOTICE.id,
        1,
        "怎样编制",
        "标准目录由谁来编制？",
        "由县级政府政务公开主管部门组织编制。\n各有关部门按照“谁制作、谁公开”的原则提供内容。",
    ),
    FaqEntry(NOTICE.id, 2, "怎样编制", "能不能增加栏目？", "可以增加，<不得>删减。"),
)
ITEMS = (
    Item(
        "社会救助",
        "最低生活保障",
        "审核信息",
        content="低保初审对象名单及相关材料",
        time_limit="公示7个工作日",
        discloser="县级民政部门、乡镇人民政府",
        channels="政府网站\n社区公示栏",
        place=Place(12, "社会救助"),
        extras={"备注": "含低收入家庭"},
    ),
    Item("社会救助", "最低生活保障", None, content="最低生活保障政策文件", place=Place(13)),
    Item("养老服务", "扶持政策", "扶持政策措施", place=Place(14)),
)
TEXT = """关于切实做好基层政务公开标准化规范化工作的通知
一、增强公开意识
各级政府要充分认识重要性。
（一）怎样编制
1. 标准目录由谁来编制？
由县级政府政务公开主管部门组织编制。
2. 能不能增加栏目？
可以增加，<不得>删减。"""


@dataclass(frozen=True)
class SmallPassage:
    ordinal: int
    title: str
    text: str


@dataclass(frozen=True)
class SmallKnowledge:
    version: str = "1"
    documents: Mapping[str, Document] = field(
        default_factory=lambda: {d.id: d for d in (NOTICE, CATALOGUE, RULES, TOWN, EXAMPLE)}
    )

    def text(self, document_id: str) -> str:
        return TEXT if document_id == NOTICE.id else ""

    def entry(self, entry_id: str) -> FaqEntry | None:
        return {f"{e.document}-{e.number}": e for e in ENTRIES}.get(entry_id)

    def item(self, item_id: str) -> tuple[Document, Item] | None:
        named = {f"{CATALOGUE.id}-{n}": (CATALOGUE, item) for n, item in enumerate(ITEMS, start=1)}
        return named.get(item_id)

    def entries_of(self, document_id: str) -> tuple[FaqEntry, ...]:
        return ENTRIES if document_id == NOTICE.id else ()

    def items_of(self, document_id: str) -> tuple[Item, ...]:
        return ITEMS if document_id == CATALOGUE.id else ()

    def passages_of(self, document_id: str) -> tuple[SmallPassage, ...]:
        if document_id != NOTICE.id:
            return ()
        return (
            SmallPassage(1, "一、增强公开意识", "各级政府要充分认识重要性。"),
            SmallPassage(2, "", "不在正文里的话"),
        )


def faq_source(entry: FaqEntry, binding: bool) -> Source:
    return Source(
        "faq",
        NOTICE.id,
        NOTICE.title,
        NOTICE.area,
        NOTICE.area_name,
        NOTICE.date,
        entry.question,
        entry.answer,
        binding,
        f"/faq/{NOTICE.id}-{entry.number}",
        {"number": entry.number},
    )


def item_source(number: int) -> Source:
    item = ITEMS[number - 1]
    return Source(
        "catalogue",
        CATALOGUE.id,
        CATALOGUE.title,
        CATALOGUE.area,
        CATALOGUE.area_name,
        CATALOGUE.date,
        item.item or "",
        item.cells(),
        True,
        f"/items/{CATALOGUE.id}-{number}",
        {
            "sector": item.sector,
            "category": item.category,
            "item": item.item,
            "row": item.place.row,
        },
        document_number=CATALOGUE.number,
    )


def small_answer(question: Question) -> Answer:
    """Answers that show every shape, chosen by a word of the question."""
    if "编制" in question.text:
        entry, local = ENTRIES[0], (question.area or "").startswith("44")
        return Answer(
            Kind.ANSWER,
            "faq",
            f"答：\n{entry.answer}",
            0.97,
            (faq_source(entry, local),),
            related=(Choice("能不能增加栏目？", "能不能增加栏目？"),),
            reasons=("标题一致",),
        )
    if "低保" in question.text:
        text = "公开时限：公示7个工作日\n公开主体：县级民政部门、乡镇人民政府"
        return Answer(
            Kind.ANSWER,
            "catalogue",
            text,
            0.9,
            (item_source(1),),
            reasons=("命中同义词 低保=最低生活保障",),
        )
    if "哪里" in question.text and question.area is None:
        return Answer(Kind.CHOICES, "catalogue", "请问您在哪个地区？", needs_area=True)
    if "时限" in question.text:
        spoken = f"接着“{question.context}”。" if question.context else ""
        return Answer(
            Kind.CHOICES,
            "catalogue",
            spoken + "您想问的是哪一项？",
            choices=(
                Choice("低保审核信息", "低保审核信息的公开时限", item_source(1)),
                Choice("标准目录由谁编制", "标准目录由谁来编制？"),
            ),
        )
    return Answer(Kind.DECLINED, "near_miss", f"没有找到依据。地区 {question.area}")


EXAMPLES = {
    "群众常问": ["低保审核结果公示几天？", "养老扶持政策在哪里看？"],
    "工作人员常问": ["标准目录由谁来编制？", "公开时限怎么写？"],
}


def web_app(
    default_area: str | None = None, record: Record = lambda question, answer: None
) -> FastAPI:
    app = FastAPI(docs_url=None)
    app.include_router(
        routes.router(
            small_answer,
            record,
            SmallKnowledge,
            national_areas(),
            default_area=default_area,
            site_name="政务公开小助手",
            examples=EXAMPLES,
        )
    )
    return app


@pytest.fixture
def told():
    """Text, area and kind of answer of each question that was to be recorded."""
    return []


@pytest.fixture
def client(told):
    def record(question, answer):
        told.append((question.text, question.area, str(answer.kind)))

    with TestClient(web_app(record=record)) as client:
        yield client


@pytest.fixture
def gaoyao_client():
    with TestClient(web_app("441204")) as client:
        yield client
