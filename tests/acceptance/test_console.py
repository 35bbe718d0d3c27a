"""Every page of the console in a real browser, as each role, on a phone and at a desk; and what axe finds on it."""

import json
import shutil
from os import environ
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot import bootstrap, office
from bot.admin.console import PREFIX
from bot.officers import repository
from bot.officers.model import Officer, Role
from bot.officers.passwords import Passwords
from bot.officers.rights import may
from bot.settings import Settings
from tests.acceptance.conftest import running

CHROMIUM = shutil.which("chromium", path=f"/usr/bin:{environ.get('PATH', '')}")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

AXE = Path(__file__).parent.parent / "fixtures/axe/axe.min.js"
PASSWORD = "Qiufen-2026-yu"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
APART = frozenset({"/statistics/workbook", "/catalogue/template", "/knowledge/versions/diff"})
"""Files to be saved, and a page of two versions that must be named."""
GRAVE = ("serious", "critical")
"""axe-core's impacts that nobody may find here."""


@pytest.fixture(scope="module")
def office_dir(builtin_dir, tmp_path_factory):
    """A data directory with an account of each role."""
    directory = shutil.copytree(builtin_dir, tmp_path_factory.mktemp("console") / "data")
    database, _ = bootstrap.operations(Settings(data_dir=directory))
    hashed = Passwords(memory=64, passes=1).hash(PASSWORD)
    with database.write() as connection:
        for role in Role:
            repository.add(connection, Officer(0, f"{role}甲", (role,)), hashed, 0)
    database.close()
    return directory


@pytest.fixture(scope="module")
def addresses(office_dir, services):
    """Pages that need nothing named in their address, with the right that each asks for."""
    database, vault = bootstrap.operations(Settings(data_dir=office_dir))
    console = office.console(services, database, vault)
    database.close()
    return [
        (one.path, one.right)
        for one in console.registered
        if one.method == "GET" and one.right and "{" not in one.path and one.path not in APART
    ]


@pytest.fixture(scope="module")
def base_url(office_dir):
    with running(office_dir) as service:
        yield service.url


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield launched
        launched.close()


@pytest.fixture
def as_(browser: Browser, base_url: str):
    """A browser in which the officer of a role is signed in; a script error or a blocked file fails the test."""
    contexts, errors = [], []

    def open_page(role: Role, size=DESK, **options) -> Page:
        context = browser.new_context(
            base_url=base_url, viewport=size, locale="zh-CN", reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.goto(f"{PREFIX}/sign-in")
        page.get_by_label("姓名").fill(f"{role}甲")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"**{PREFIX}/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def findings(page: Page) -> list[str]:
    """What axe finds grave on a page."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = json.loads(page.evaluate("axe.run(document).then(r => JSON.stringify(r.violations))"))
    return [
        f"{page.url} {one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("role", Role)
def test_a_role_reads_its_pages_on_a_phone(as_, addresses, role):
    page = as_(role, PHONE)
    officer = Officer(0, "", (role,))
    faults = []
    for path, right in addresses:
        if not may(officer, right):
            continue
        answer = page.goto(PREFIX + path)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        headings = page.locator("h1").count()
        if answer.status != 200 or wide > 0 or headings != 1:
            faults.append(f"{path}: {answer.status}, {wide} px too wide, {headings} h1")
    assert faults == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(as_, addresses, size, scheme):
    seen, faults = set(), []
    for role in Role:
        page = None
        for path, right in addresses:
            if path in seen or not may(Officer(0, "", (role,)), right):
                continue
            seen.add(path)
            page = page or as_(role, size, color_scheme=scheme)
            page.goto(PREFIX + path)
            faults += findings(page)
    assert len(seen) == len(addresses)
    assert faults == []


def test_signing_in_without_an_account_is_for_everybody(browser, base_url):
    context = browser.new_context(base_url=base_url, viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{PREFIX}/sign-in")
    assert findings(page) == []
    context.close()
