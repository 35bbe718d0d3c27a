"""The whole story in the browser: a catalogue put right and published, a question answered, one that was not given a way of
asking, a notice composed, approved and sent, its report; and the log, which tells of all of it, and of a lie in it."""

import json
import re
import shutil
import time
from os import environ

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import update

from bot import bootstrap
from bot.admin.console import PREFIX
from bot.officers import repository
from bot.officers.model import Officer, Role
from bot.officers.passwords import Passwords
from bot.settings import Settings
from bot.storage.schema import records
from tests.acceptance.conftest import running
from tests.acceptance.test_push_trial import TEMPLATE, tap

CHROMIUM = shutil.which("chromium", path=f"/usr/bin:{environ.get('PATH', '')}")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

AREA = "441204"
PASSWORD = "Qiufen-2026-yu"
DRAFTER, REVIEWER, FINAL, AUDITOR = "经办甲", "审核甲", "终审甲", "审计甲"
PEOPLE = {
    DRAFTER: Role.DRAFTER,
    REVIEWER: Role.REVIEWER,
    FINAL: Role.FINAL,
    AUDITOR: Role.AUDITOR,
}
CATALOGUE = """领域,一级事项,二级事项,公开内容(要素),公开依据,公开时限,公开主体,公开渠道和载体,公开对象,公开方式,公开层级
社会救助,高龄津贴,发放结果13812345678,发放名单和金额,《老年人权益保障法》,每季度首月15日前,区民政局,■政府网站,全社会,主动,县级
社会救助,高龄津贴,申请指南,申请条件和材料,《老年人权益保障法》,长期公开,区民政局,■政府网站,全社会,主动,县级
"""
STEPS = '[approval]\nsteps = ["审核", "终审"]\n'


@pytest.fixture
def office_dir(builtin_dir, tmp_path):
    directory = shutil.copytree(builtin_dir, tmp_path / "data")
    (directory / "zwgk.toml").write_text(STEPS, encoding="utf-8")
    database, _ = bootstrap.operations(Settings(data_dir=directory))
    hashed = Passwords(memory=64, passes=1).hash(PASSWORD)
    with database.write() as connection:
        for name, role in PEOPLE.items():
            repository.add(connection, Officer(0, name, (role,)), hashed, 0)
    database.close()
    return directory


@pytest.fixture
def service(office_dir):
    with running(office_dir) as service:
        yield service


@pytest.fixture
def as_(service):
    """A browser in which somebody is signed in; a script error or a blocked file fails the test."""
    errors = []
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )

        def sign_in(name: str) -> Page:
            context = browser.new_context(
                base_url=service.url, locale="zh-CN", accept_downloads=True
            )
            page = context.new_page()
            page.set_default_timeout(120_000)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on(
                "console", lambda said: "Security Policy" in said.text and errors.append(said.text)
            )
            page.goto(f"{PREFIX}/sign-in")
            page.get_by_label("姓名").fill(name)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(f"**{PREFIX}/")
            return page

        yield sign_in
        browser.close()
    assert errors == []


def test_the_whole_story(as_, service, office_dir, tmp_path):
    drafter, reviewer, final = as_(DRAFTER), as_(REVIEWER), as_(FINAL)
    _publish_a_catalogue(drafter, reviewer, tmp_path)
    assert "每季度首月15日前" in _asked(service, "高龄津贴发放结果多久公开？")["text"]
    _answer_what_was_not_answered(drafter, reviewer, service)
    tap(service, "allow", TEMPLATE)
    tap(service, "text", "订阅 养老服务")
    tap(service, "text", "高要区")
    push = _send_a_notice(drafter, reviewer, final)
    _read_the_report(drafter, push)
    assert "关于发放2026年度高龄津贴的通知" in service.get("/sandbox", account="trial")[1].decode()
    _prove_it(as_(AUDITOR), office_dir)


def _publish_a_catalogue(drafter: Page, reviewer: Page, tmp_path) -> None:
    file = tmp_path / "目录.csv"
    file.write_text(CATALOGUE, encoding="utf-8-sig")
    drafter.goto(f"{PREFIX}/knowledge/upload")
    drafter.set_input_files("input[type=file]", file)
    drafter.locator("[name=area]").fill(AREA)
    drafter.get_by_role("button", name="上传").click()
    expect(drafter.locator("main")).to_contain_text("读了 2 行，得到 2 个事项", timeout=120_000)
    expect(drafter.locator("main")).to_contain_text("疑似手机号")
    assert "13812345678" not in drafter.content()
    drafter.get_by_text("对照、修改这一行").first.click()
    drafter.locator("textarea[name^=item-]").first.fill("发放结果")
    drafter.locator("textarea[name^=item-] >> xpath=ancestor::form").first.get_by_role(
        "button", name=re.compile("保存|改")
    ).first.click()
    upload = drafter.url
    expect(drafter.locator("main")).to_contain_text("已处理 1")
    drafter.get_by_role("button", name="送审").click()
    expect(drafter.locator("main")).to_contain_text("等另一位")
    reviewer.goto(upload)
    _until(reviewer, "审核通过，发布").click()
    _eventually(reviewer, f"{PREFIX}/knowledge", "高要区社会救助领域")
    # Who waits beside the job is brought to what was published, and must not be on the way when they go elsewhere.
    drafter.wait_for_url(f"**{PREFIX}/knowledge/documents/**")


def _answer_what_was_not_answered(drafter: Page, reviewer: Page, service) -> None:
    question = "高寿红包名单公开吗"
    assert "没有写" in _asked(service, question)["text"]
    item = _asked(service, "高龄津贴发放结果多久公开？")["sources"][0]["page"]
    drafter.goto(f"{PREFIX}/desk")
    drafter.get_by_role("link", name=question).first.click()
    drafter.locator(f"input[name=page][value='{item}']").or_(
        drafter.locator("input[name=page]").last
    ).first.check()
    drafter.locator("input[name=other]").fill(item)
    drafter.get_by_role("button", name="提出，送审").first.click()
    reviewer.goto(f"{PREFIX}/desk/edits")
    reviewer.get_by_role("link", name=question).first.click()
    _until(reviewer, "通过，马上生效").first.click(no_wait_after=True)
    deadline = time.monotonic() + 180
    while "发放名单和金额" not in _asked(service, question)["text"]:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def _send_a_notice(drafter: Page, reviewer: Page, final: Page) -> str:
    drafter.goto(f"{PREFIX}/notices/new")
    drafter.get_by_label("标题", exact=True).fill("关于发放2026年度高龄津贴的通知")
    drafter.locator("[name=body]").fill(
        "八十周岁以上老人每月五十元，向户籍所在地村（居）委会申请。"
    )
    drafter.locator("[name=issuer]").fill("高要区民政局")
    drafter.locator("[name=url]").fill("https://www.gaoyao.gov.cn/zwgk/1.html")
    drafter.locator("[name=area]").fill(AREA)
    drafter.get_by_role("button", name="保存").click()
    drafter.get_by_role("link", name="拟推送").first.click()
    box = drafter.locator("input[name=sector][value=养老服务]")
    box.check()
    drafter.locator("[name=urgent]").fill("试用")
    drafter.get_by_role("button", name="保存，下一步核对").click()
    for tick in drafter.locator("form input[type=checkbox]").all():
        tick.check()
    drafter.get_by_role("button", name="提交审批").click()
    expect(drafter.locator("main")).to_contain_text("待审批")
    push = drafter.url.rpartition("/")[2]
    for officer in (reviewer, final):
        officer.goto(f"{PREFIX}/pushes/{push}")
        for tick in officer.locator("form input[type=checkbox]").all():
            tick.check()
        officer.get_by_role("button", name="同意").click()
    _eventually(drafter, f"{PREFIX}/pushes/{push}", "已完成")
    return push


def _read_the_report(drafter: Page, push: str) -> None:
    drafter.goto(f"{PREFIX}/pushes/{push}/report")
    expect(drafter.locator("h1")).to_be_visible()
    assert "openid" not in drafter.content().lower()


def _prove_it(auditor: Page, office_dir) -> None:
    auditor.goto(f"{PREFIX}/records")
    told = auditor.locator("main").inner_text()
    for action in (
        "knowledge.import",
        "knowledge.publish",
        "notice.write",
        "push.submit",
        "push.approve",
    ):
        assert action in told, action
    auditor.get_by_role("button", name="核对全部记录有没有被改过").click()
    expect(auditor.locator("h1")).to_have_text("没有被改过")
    database, _ = bootstrap.operations(Settings(data_dir=office_dir))
    with database.write() as connection:
        connection.execute(
            update(records).where(records.c.action == "push.approve").values(who=DRAFTER)
        )
    database.close()
    auditor.goto(f"{PREFIX}/records")
    auditor.get_by_role("button", name="核对全部记录有没有被改过").click()
    expect(auditor.locator("h1")).to_contain_text("记录被动过")


def _asked(service, question: str):
    status, answer = service.get("/api/ask", question=question, area=AREA)
    assert status == 200
    return json.loads(answer)


def _until(page: Page, button: str):
    """A button that comes when work behind the page is done."""
    for _ in range(180):
        found = page.get_by_role("button", name=button)
        if found.count():
            return found
        time.sleep(1)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())


def _eventually(page: Page, address: str, text: str) -> None:
    """A page that says something before long."""
    for _ in range(180):
        page.goto(address)
        if text in page.locator("main").inner_text():
            return
        time.sleep(1)
    raise AssertionError(page.locator("main").inner_text())
