"""The real service in a real browser: with and without JavaScript, in the elder version, and the sandbox."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from os import environ

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.acceptance.conftest import running

CHROMIUM = shutil.which("chromium", path=f"/usr/bin:{environ.get('PATH', '')}")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

ASKED = "乡镇街道要不要对照26个领域编目录？"
OFFICIAL = "要以26个领域标准指引为基础"
LED = "养老服务目录谁牵头？"
ENTRY = "/faq/guangdong-2020-notice-2"
SOURCE = "/sources/guangdong-2020-notice"


@pytest.fixture(scope="module")
def base_url(builtin_dir, tmp_path_factory) -> Iterator[str]:
    directory = shutil.copytree(builtin_dir, tmp_path_factory.mktemp("browser") / "data")
    with running(directory) as service:
        yield service.url


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
        page.set_default_timeout(120_000)
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
    ask(page, ASKED)
    card = page.locator(".turn").last.locator(".answer")
    expect(card.locator("blockquote")).to_contain_text(OFFICIAL)
    expect(card.locator(".source .badge")).to_have_text("〔广东省口径，供参考〕")
    expect(page.locator("#welcome")).to_be_hidden()
    ask(page, "公开依据要写到具体条款吗？")
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last.locator(".answer .source")).to_contain_text("第 7 问")
    assert page.url.endswith("/")


def test_choices_are_tapped_and_the_answer_gets_the_focus(open_page):
    page = open_page()
    page.goto("/")
    page.get_by_role("link", name=LED).click()
    page.get_by_role("link", name="高要区", exact=True).click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last).to_contain_text("由区民政局牵头")
    expect(page.locator(".turn").last.locator("article.answer")).to_be_focused()
    page.locator(".turn").last.locator("summary", has_text="为什么是这个答案").click()
    expect(page.locator(".turn").last.locator(".why li").first).to_be_visible()


def test_conversation_survives_a_visit_to_the_source_and_can_be_cleared(open_page):
    page = open_page()
    page.goto("/")
    ask(page, ASKED)
    page.get_by_role("link", name="打开原文页").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("经济功能区、乡镇（街道）")
    expect(page.locator(".official").first).to_contain_text(OFFICIAL)
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
    ask(page, ASKED)
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
    ask(page, ASKED)
    expect(page.locator("article.answer")).to_be_visible()


def test_missing_area_is_asked_for_in_the_conversation(open_page):
    page = open_page()
    page.goto("/")
    ask(page, LED)
    page.get_by_label("您在哪个县（市、区）？").fill("高要区")
    page.get_by_role("button", name="按这个地区查找").click()
    expect(page.locator(".turn").last).to_contain_text("由区民政局牵头")
    expect(page.locator(".turn").last.locator(".badge")).to_have_count(0)
    expect(page.locator("#place summary")).to_contain_text("广东省肇庆市高要区")


def test_everything_works_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name=LED).click()
    page.get_by_role("link", name="高要区", exact=True).click()
    expect(page.locator(".turn")).to_contain_text("由区民政局牵头")
    page.get_by_text("选地区").click()
    page.locator("#area").fill("泽州")
    page.get_by_role("button", name="确定").click()
    expect(page.locator("#place summary")).to_contain_text("山西省晋城市泽州县")
    page.get_by_label("写下您的问题").fill(ASKED)
    page.get_by_role("button", name="发送").click()
    expect(page.locator("blockquote")).to_contain_text(OFFICIAL)
    expect(page.locator(".badge")).to_be_visible()
    page.get_by_role("link", name="长辈版").click()
    expect(page.locator("blockquote")).to_contain_text(OFFICIAL)
    page.get_by_role("link", name="打开原文页").click()
    expect(page.get_by_role("link", name="A+")).to_have_count(0)
    expect(page.get_by_role("link", name="放大字号")).to_be_visible()


def test_link_into_a_long_document_lands_on_the_question(open_page):
    page = open_page()
    page.goto(f"{SOURCE}#q2")
    expect(page.locator("#q2")).to_be_in_viewport()
    expect(page.locator("#q2")).to_contain_text("经济功能区、乡镇（街道）")


def test_keyboard_reaches_the_page_past_its_head(open_page):
    page = open_page()
    page.goto(ENTRY)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


PAGES = (
    "/",
    f"/?q={ASKED}&area=140525",
    f"/?q={LED}",
    f"/?q={LED}&area=140525",
    "/?q=低保审批结果在哪里公开",
    ENTRY,
    "/items/{item}",
    "/sources/{catalogue}",
    "/docs",
    "/no/such/page",
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


@pytest.fixture(scope="module")
def addresses(knowledge) -> list[str]:
    catalogue = next(d.id for d in knowledge.documents.values() if d.kind == "catalogue")
    return [page.format(catalogue=catalogue, item=f"{catalogue}-1") for page in PAGES]


def on_every_page(page: Page, addresses, script: str, argument=None, **query) -> dict[str, object]:
    """What ``script`` gives on each page with everything unfolded."""
    given = {}
    for address in addresses:
        asked = "".join(f"&{name}={value}" for name, value in query.items())
        page.goto(address + ("&" if "?" in address else "?") + asked)
        page.evaluate("() => document.querySelectorAll('details').forEach((e) => (e.open = true))")
        given[address] = page.evaluate(script, argument)
    return given


def faults(found: dict[str, object]) -> dict[str, object]:
    return {address: fault for address, fault in found.items() if fault}


@pytest.mark.parametrize(("large", "least"), [(0, 44), (21, 60), (30, 60)])
def test_targets_are_large_enough_and_nothing_runs_off_the_screen(
    open_page, addresses, large, least
):
    page = open_page(viewport={"width": 360, "height": 740})
    assert faults(on_every_page(page, addresses, SMALL % TARGETS, least, large=large)) == {}
    assert faults(on_every_page(page, addresses, OVERFLOW, large=large)) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out(open_page, addresses, scheme):
    page = open_page(color_scheme=scheme)
    assert faults(on_every_page(page, addresses, FAINT)) == {}


@pytest.mark.parametrize("size", [18, 30])
def test_elder_version_has_large_letters_with_room_between_lines(open_page, addresses, size):
    for letters in on_every_page(open_page(), addresses, LETTERS, large=size).values():
        assert min(height for height, _ in letters) >= size
        assert min(leading for _, leading in letters) >= 1.499


def test_elder_version_grows_by_taps_and_stays(open_page):
    page = open_page()
    page.goto("/")
    page.get_by_role("link", name="长辈版").click()
    for _ in range(3):
        page.get_by_role("link", name="放大字号").click()
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
    page.goto(ENTRY)
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
    page.get_by_role("link", name="标准版").click()
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "17px"


def test_headings_descend_one_level_at_a_time(open_page, addresses):
    for levels in on_every_page(open_page(), addresses, LEVELS).values():
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(later - sooner <= 1 for sooner, later in pairwise(levels))


def test_printed_page_holds_the_text_and_its_source_only(open_page):
    page = open_page()
    page.goto(ENTRY)
    page.emulate_media(media="print")
    expect(page.get_by_text(OFFICIAL)).to_be_visible()
    expect(page.get_by_text("适用地区")).to_be_visible()
    expect(page.get_by_role("link", name="长辈版")).to_be_hidden()
    expect(page.get_by_role("link", name="问别的问题")).to_be_hidden()


@pytest.mark.parametrize("javascript", [True, False])
def test_sandbox_asks_taps_and_delivers_again(open_page, javascript):
    page = open_page(java_script_enabled=javascript, viewport={"width": 1280, "height": 900})
    follower = "王大娘 · 群众" if javascript else "小李 · 办事员"
    page.goto("/sandbox")
    page.get_by_label("用户").select_option(follower)
    if not javascript:
        page.get_by_role("button", name="切换").click()
    page.get_by_label("消息", exact=True).fill(LED)
    page.get_by_role("button", name="发送").click()
    talk, wire = page.locator("#talk"), page.locator("#wire .exchange").first
    page.get_by_role("button", name="高要区", exact=True).click()
    expect(talk.locator(".theirs").last).to_contain_text("由区民政局牵头")
    said = talk.locator(".theirs").last.inner_text()
    expect(wire).to_contain_text("<bizmsgmenuid>")
    wire.get_by_role("button", name="重发同一条").click()
    expect(wire).to_contain_text("第 2 次投递（手动重发）")
    expect(wire.locator("summary")).to_contain_text("正常")
    assert talk.locator(".theirs").last.inner_text() == said
    again = wire.locator(".attempt").nth(1)
    expect(again).to_contain_text("<Encrypt>")
    expect(again).to_contain_text("由区民政局牵头")  # the reply, decrypted
    page.get_by_text("＋ 其他操作").click()
    page.get_by_role("button", name="图片").click()
    expect(talk.locator(".theirs").last).not_to_have_text(said)
    if not javascript:  # a page that comes anew is folded again
        page.get_by_text("＋ 其他操作").click()
    page.get_by_role("button", name="验证接入").click()
    expect(page.locator("#wire .exchange").first.locator("summary")).to_contain_text(
        "验证接入 正常"
    )


def test_sandbox_words_stand_out(open_page):
    page = open_page()
    page.goto("/sandbox")
    page.get_by_label("消息", exact=True).fill(ASKED)
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#talk")).to_contain_text(OFFICIAL)
    page.get_by_text("＋ 其他操作").click()
    assert page.evaluate(FAINT) == []
    assert page.evaluate(OVERFLOW) == 0


def test_docs_lead_from_field_to_shape(open_page):
    page = open_page()
    page.goto("/docs")
    page.get_by_role("link", name="看 SourceShape").first.click()
    expect(page.locator("#SourceShape")).to_be_in_viewport()
    page.get_by_role("link", name="OpenAPI 描述").click()
    expect(page.locator("body")).to_contain_text("/api/ask")
