"""The pages in a real browser: with and without JavaScript, in the elder version, and the sandbox.

A plain-mode echo stands in for the webhook, and a handful of answers for the knowledge: what is on
trial here is what people see and tap.
"""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from os import environ

import pytest
import uvicorn
import xmltodict
from fastapi import FastAPI, Request, Response
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.answering.model import Answer, Choice, Kind, Question, Source
from bot.sandbox import routes as sandbox
from bot.sandbox.account import Account
from bot.web import routes as web
from catalogue_index.areas import national_areas
from catalogue_index.model import Document, Item, Place
from faq.model import FaqEntry

CHROMIUM = shutil.which("chromium", path=f"/usr/bin:{environ.get('PATH', '')}")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

NOTICE = Document("notice", "关于做好政务公开工作的通知", "faq", "44", "广东省", date="2020-07-31")
CATALOGUE = Document("rows", "社会救助公开标准目录", "catalogue", "441204", "高要区", date="2020")
ENTRY = FaqEntry(NOTICE.id, 1, "编制", "标准目录由谁来编制？", "由县级主管部门编制。\n各部门配合。")
ROW = Item("社会救助", "低保", "审核信息", time_limit="公示7个工作日", place=Place(12))


class Knowledge:
    def __init__(self):
        self.version = "1"
        self.documents = {NOTICE.id: NOTICE, CATALOGUE.id: CATALOGUE}

    def text(self, document_id):
        lines = [f"第{n}段，讲一件事。" for n in range(60)]
        return "\n".join([*lines, ENTRY.question, ENTRY.answer]) if document_id == NOTICE.id else ""

    def entry(self, entry_id):
        return ENTRY if entry_id == "notice-1" else None

    def item(self, item_id):
        return (CATALOGUE, ROW) if item_id == "rows-1" else None

    def entries_of(self, document_id):
        return [ENTRY] if document_id == NOTICE.id else []

    def items_of(self, document_id):
        return [ROW] if document_id == CATALOGUE.id else []

    def passages_of(self, document_id):
        return []


def answer(question: Question) -> Answer:
    if "编制" in question.text:
        source = Source(
            "faq",
            NOTICE.id,
            NOTICE.title,
            NOTICE.area,
            NOTICE.area_name,
            NOTICE.date,
            ENTRY.question,
            ENTRY.answer,
            (question.area or "").startswith("44"),
            "/faq/notice-1",
            {"number": 1},
        )
        related = (Choice("时限怎么写？", "时限怎么写？"),)
        return Answer(Kind.ANSWER, "faq", ENTRY.answer, 1.0, (source,), (), related, ("标题一致",))
    if "时限" in question.text:
        text = f"接着“{question.context}”，您想问哪一项？" if question.context else "您想问哪一项？"
        return Answer(Kind.CHOICES, "faq", text, choices=(Choice("谁来编制", ENTRY.question),))
    if question.area is None:
        return Answer(Kind.CHOICES, "catalogue", "请先告诉我地区。", needs_area=True)
    return Answer(Kind.DECLINED, "near_miss", f"没有找到依据（{question.area}）。")


def app(base_url: str) -> FastAPI:
    app = FastAPI()
    examples = {"工作人员常问": ["标准目录由谁来编制？", "时限怎么写？"]}
    app.include_router(
        web.router(
            answer,
            Knowledge,
            national_areas(),
            default_area=None,
            site_name="政务公开小助手",
            examples=examples,
        )
    )

    @app.post("/wechat/try")
    async def echo(request: Request) -> Response:
        got = xmltodict.parse(await request.body())["xml"]
        said = got.get("Content") or got["MsgType"]
        link = '<a href="weixin://bizmsgmenu?msgmenucontent=谁来编制&msgmenuid=1">1. 谁来编制</a>'
        return Response(
            f"<xml><ToUserName>{got['FromUserName']}</ToUserName>"
            f"<FromUserName>{got['ToUserName']}</FromUserName><CreateTime>1</CreateTime>"
            "<MsgType>text</MsgType>"
            f"<Content><![CDATA[听到了：{said}\n{link}]]></Content></xml>"
        )

    account = Account("try", "wxtry", "token", "", "plain")
    app.include_router(sandbox.router([account], base_url, now=lambda: 1_760_000_000))
    return app


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(app(base_url), log_level="error", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield base_url
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser, base_url: str):
    """Opens a phone's page; fails the test for a script error or a blocked resource."""
    contexts, errors = [], []

    def open_page(**options) -> Page:
        options = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", **options}
        context = browser.new_context(base_url=base_url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: _blocked(said.text) and errors.append(said.text))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def _blocked(text: str) -> bool:
    return "Content Security Policy" in text or "Refused to" in text


def ask(page: Page, question: str) -> None:
    page.get_by_label("写下您的问题").fill(question)
    page.get_by_label("写下您的问题").press("Enter")


def test_conversation_goes_on_without_reloading(open_page):
    page = open_page()
    page.goto("/")
    ask(page, "标准目录由谁来编制？")
    card = page.locator(".turn").last.locator(".answer")
    expect(card.locator("blockquote")).to_contain_text("由县级主管部门编制。")
    expect(card.locator(".badge")).to_have_text("〔广东省口径，供参考〕")
    expect(page.locator("#welcome")).to_be_hidden()
    ask(page, "时限呢")
    expect(page.locator(".turn").last).to_contain_text("接着“标准目录由谁来编制？”")
    assert page.url.endswith("/")


def test_choices_are_tapped_and_the_answer_gets_the_focus(open_page):
    page = open_page()
    page.goto("/")
    page.get_by_role("link", name="时限怎么写？").click()
    page.get_by_role("link", name="谁来编制", exact=True).click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last.locator("article.answer")).to_be_focused()
    page.locator("summary", has_text="为什么是这个答案").click()
    expect(page.get_by_text("标题一致")).to_be_visible()


def test_conversation_survives_a_visit_to_the_source_and_can_be_cleared(open_page):
    page = open_page()
    page.goto("/")
    ask(page, "谁编制")
    page.get_by_role("link", name="打开原文页").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ENTRY.question)
    page.get_by_role("link", name="问别的问题").click()
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_role("button", name="清空对话").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()
    page.reload()
    expect(page.locator(".turn")).to_have_count(0)


def test_composing_chinese_is_not_cut_short_by_enter(open_page):
    page = open_page()
    page.goto("/")
    page.get_by_label("写下您的问题").fill("谁编")
    page.evaluate(
        "document.getElementById('question').dispatchEvent(new KeyboardEvent('keydown',"
        "{key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    expect(page.locator(".turn")).to_have_count(0)
    page.get_by_label("写下您的问题").press("Enter")
    expect(page.locator(".turn")).to_have_count(1)


def test_lost_connection_is_said_and_the_question_can_be_asked_again(open_page):
    page = open_page()
    page.goto("/")
    page.context.set_offline(True)
    ask(page, "谁编制")
    expect(page.get_by_role("alert")).to_contain_text("没有连上服务器")
    page.context.set_offline(False)
    page.get_by_role("button", name="再试一次").click()
    expect(page.locator("article.answer")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)


def test_question_that_is_too_long_can_be_shortened_and_sent(open_page):
    page = open_page()
    page.goto("/")
    ask(page, "编制" * 300)
    expect(page.get_by_role("alert")).to_contain_text("超过了 500 字")
    expect(page.get_by_label("写下您的问题")).to_have_value("编制" * 300)
    ask(page, "谁编制")
    expect(page.locator("article.answer")).to_be_visible()


def test_missing_area_is_asked_for_in_the_conversation(open_page):
    page = open_page()
    page.goto("/")
    ask(page, "哪里可以看公示")
    page.get_by_label("您在哪个县（市、区）？").fill("高要区")
    page.get_by_role("button", name="按这个地区查找").click()
    expect(page.locator(".turn").last).to_contain_text("没有找到依据（441204）")
    expect(page.locator("#place summary")).to_contain_text("广东省肇庆市高要区")


def test_everything_works_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_text("选地区").click()
    page.locator("#area").fill("泽州")
    page.get_by_role("button", name="确定").click()
    expect(page.locator("#place summary")).to_contain_text("山西省晋城市泽州县")
    page.get_by_label("写下您的问题").fill("时限")
    page.get_by_role("button", name="发送").click()
    page.get_by_role("link", name="谁来编制", exact=True).click()
    expect(page.locator("blockquote")).to_contain_text("由县级主管部门编制。")
    expect(page.locator(".badge")).to_be_visible()
    page.get_by_role("link", name="长辈版").click()
    expect(page.locator("blockquote")).to_contain_text("由县级主管部门编制。")
    page.get_by_role("link", name="打开原文页").click()
    expect(page.get_by_role("link", name="A+")).to_have_count(0)
    expect(page.get_by_role("link", name="放大字号")).to_be_visible()


def test_link_into_a_long_document_lands_on_the_question(open_page):
    page = open_page()
    page.goto("/sources/notice#q1")
    expect(page.locator("#q1")).to_be_in_viewport()
    expect(page.locator("#q1")).to_have_text(ENTRY.question)


def test_keyboard_reaches_the_page_past_its_head(open_page):
    page = open_page()
    page.goto("/faq/notice-1")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


PAGES = (
    "/",
    "/?q=谁编制&area=140525",
    "/?q=时限",
    "/faq/notice-1",
    "/items/rows-1",
    "/sources/notice",
)
TARGETS = "a, button, summary, input:not([type=hidden]), textarea"
SMALL = """(least) => [...document.querySelectorAll("%s")]
  .filter((e) => e.checkVisibility() && !e.classList.contains("skip"))
  .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < least - 0.5 || box.width < least - 0.5)
  .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
FAINT = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    const words = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!words || !e.checkVisibility() || e.closest(".spoken, .skip")) continue;
    const pair = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${e.outerHTML.slice(0, 90)}`);
  }
  return faint;
}"""
LETTERS = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility() && !e.closest(".spoken, .skip") &&
    [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
  .map((e) => getComputedStyle(e))
  .map((s) => [parseFloat(s.fontSize), parseFloat(s.lineHeight) / parseFloat(s.fontSize)])"""
LEVELS = """() => [...document.querySelectorAll("h1, h2, h3, h4")]
  .filter((e) => e.checkVisibility()).map((e) => Number(e.tagName[1]))"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def on_every_page(page: Page, script: str, argument=None, **query) -> dict[str, object]:
    """What ``script`` gives on each page with everything unfolded."""
    given = {}
    for address in PAGES:
        asked = "".join(f"&{name}={value}" for name, value in query.items())
        page.goto(address + ("&" if "?" in address else "?") + asked)
        page.evaluate("() => document.querySelectorAll('details').forEach((e) => (e.open = true))")
        given[address] = page.evaluate(script, argument)
    return given


def faults(found: dict[str, object]) -> dict[str, object]:
    return {address: fault for address, fault in found.items() if fault}


@pytest.mark.parametrize(("large", "least"), [(0, 44), (21, 60), (30, 60)])
def test_targets_are_large_enough_and_nothing_runs_off_the_screen(open_page, large, least):
    page = open_page(viewport={"width": 360, "height": 740})
    assert faults(on_every_page(page, SMALL % TARGETS, least, large=large)) == {}
    assert faults(on_every_page(page, OVERFLOW, large=large)) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out(open_page, scheme):
    page = open_page(color_scheme=scheme)
    assert faults(on_every_page(page, FAINT)) == {}


@pytest.mark.parametrize("size", [18, 30])
def test_elder_version_has_large_letters_with_room_between_lines(open_page, size):
    for letters in on_every_page(open_page(), LETTERS, large=size).values():
        assert min(height for height, _ in letters) >= size
        assert min(leading for _, leading in letters) >= 1.499


def test_elder_version_grows_by_taps_and_stays(open_page):
    page = open_page()
    page.goto("/")
    page.get_by_role("link", name="长辈版").click()
    for _ in range(3):
        page.get_by_role("link", name="放大字号").click()
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
    page.goto("/faq/notice-1")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
    page.get_by_role("link", name="标准版").click()
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "17px"


def test_headings_descend_one_level_at_a_time(open_page):
    for levels in on_every_page(open_page(), LEVELS).values():
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(later - sooner <= 1 for sooner, later in pairwise(levels))


def test_printed_page_holds_the_text_and_its_source_only(open_page):
    page = open_page()
    page.goto("/faq/notice-1")
    page.emulate_media(media="print")
    expect(page.get_by_text("由县级主管部门编制。")).to_be_visible()
    expect(page.get_by_text("适用地区")).to_be_visible()
    expect(page.get_by_role("link", name="长辈版")).to_be_hidden()
    expect(page.get_by_role("link", name="问别的问题")).to_be_hidden()


@pytest.mark.parametrize("javascript", [True, False])
def test_sandbox_sends_taps_and_delivers_again(open_page, javascript):
    page = open_page(java_script_enabled=javascript, viewport={"width": 1280, "height": 900})
    page.goto("/sandbox")
    page.get_by_label("消息", exact=True).fill("你好")
    page.get_by_role("button", name="发送").click()
    talk = page.locator("#talk")
    expect(talk).to_contain_text("听到了：你好")
    page.get_by_role("button", name="1. 谁来编制").last.click()
    expect(talk).to_contain_text("听到了：谁来编制")
    expect(page.locator("#wire")).to_contain_text("<bizmsgmenuid>")
    page.get_by_role("button", name="重发同一条").first.click()
    expect(page.locator("#wire")).to_contain_text("第 2 次投递（手动重发）")
    page.get_by_text("＋ 其他操作").click()
    page.get_by_role("button", name="图片").click()
    expect(talk).to_contain_text("听到了：image")


def test_sandbox_words_stand_out(open_page):
    page = open_page()
    page.goto("/sandbox")
    page.get_by_label("消息", exact=True).fill("对比度")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#talk")).to_contain_text("听到了：对比度")
    page.get_by_text("＋ 其他操作").click()
    assert page.evaluate(FAINT) == []
    assert page.evaluate(OVERFLOW) == 0
