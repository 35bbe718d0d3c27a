"""The express on one's own computer, from an empty folder to a phone: what the READMEs say, with nothing set up."""

import json
import re
import shlex
import shutil
import subprocess
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.acceptance.conftest import Service, command, running

ROOT = Path(__file__).parents[2]
FOLLOWER = "oSandbox_citizen_0000000001"
OTHER = "oSandbox_business_000000003"
TEMPLATE = "sandbox-notice-long"
TITLE = "关于发放高龄津贴的通知"


def commands(path: Path) -> list[str]:
    """What the section of a README has the reader type while the service runs, without ``zwgk``."""
    section = re.split(r"\n## .*政策直通车.*\n", path.read_text(encoding="utf-8"))[1]
    lines = re.findall(r"^ *(?:\.venv/bin/)?zwgk (.*)$", section.split("\n## ")[0], re.MULTILINE)
    return [line for line in lines if not line.startswith(("serve", "drill"))]


@pytest.fixture(scope="module", params=["README.md", "README.zh-CN.md"])
def guided(request, builtin_dir, tmp_path_factory):
    """A service with nothing set up, and the lines to type, one after the other."""
    data_dir = tmp_path_factory.mktemp("express") / "data"
    shutil.copytree(builtin_dir, data_dir)
    with running(data_dir) as service:
        yield service, iter(commands(ROOT / request.param))


@pytest.fixture(scope="module")
def service(guided):
    return guided[0]


def zwgk(service: Service, *words: str) -> str:
    run = subprocess.run(command(service.data_dir, *words), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def tap(service: Service, kind: str, text: str = "", follower: str = FOLLOWER) -> str:
    """A gesture in the phone; returns the phone after it."""
    form = {"account": "trial", "follower": follower, "kind": kind, "text": text}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert service.send("POST", "/sandbox/send", urlencode(form).encode(), headers)[0] == 303
    return phone(service, follower)


def phone(service: Service, follower: str = FOLLOWER) -> str:
    status, page = service.get("/sandbox", account="trial", follower=follower)
    assert status == 200
    return unescape(page.decode())


def shows(service: Service, words: str, follower: str = FOLLOWER) -> bool:
    """Whether the phone comes to show something."""
    deadline = time.monotonic() + 180
    while words not in phone(service, follower):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def finished(service: Service, push: str) -> dict:
    """The push once everything of it has a result."""
    deadline = time.monotonic() + 180
    while True:
        status = json.loads(zwgk(service, "notice", "status", push, "--json"))
        if status["state"] == "finished" or time.monotonic() > deadline:
            return status
        time.sleep(0.5)


def test_a_notice_goes_from_its_draft_to_a_phone_and_back(guided):
    service, lines = guided
    told = {}

    def follow(first: str) -> str:
        """Do what the README says next, in its own words."""
        words = [told.get(word, word) for word in shlex.split(next(lines))]
        assert " ".join(words).startswith(first)
        return zwgk(service, *words)

    # A poster hangs in the office; who scans it follows and subscribes in one.
    scene = re.search(r"二维码 (\S+) 已建好", follow("subscription scene new"))[1]
    assert "养老服务" in tap(service, "subscribe", scene)
    assert "您订阅了：养老服务" in tap(service, "text", "我的订阅")
    tap(service, "allow", TEMPLATE)

    # The office writes a notice, and three others approve it.
    notice = re.search(r"已保存通知 (\w+)", follow("notice new"))[1]
    told |= {"NOTICE": notice, "通知": notice}
    assert service.get(f"/notices/{notice}")[0] == 404
    assert "没有问题" in follow(f"notice check {notice}")
    submitted = follow(f"notice submit {notice}")
    assert "发 1 人" in submitted
    push = re.search(r"已提交推送 (\w+)", submitted)[1]
    told |= {"PUSH": push, "推送": push}
    for _ in range(3):
        assert service.get(f"/notices/{notice}")[0] == 404
        follow(f"notice approve {push}")

    # It arrives by itself, and says why; nobody else gets it.
    assert shows(service, TITLE)
    assert "您订阅了“养老服务”" in phone(service)
    assert TITLE not in phone(service, OTHER)
    status = finished(service, push)
    assert status["state"] == "finished"
    assert set(status["letters"]) <= {"accepted", "delivered"}
    assert sum(status["letters"].values()) == 1
    received = json.loads(service.get("/sandbox/control/received")[1])
    assert (received["messages"], received["duplicates"]) == (1, 0)
    assert f"推送 {push}" in follow(f"report {push}")

    # Its page is public, and says so at once when the notice is taken back.
    code, page = service.get(f"/notices/{notice}")
    assert code == 200
    assert TITLE in page.decode()
    assert "已撤回" not in page.decode()
    follow(f"notice recall {notice}")
    assert "已撤回" in service.get(f"/notices/{notice}")[1].decode()

    # One word, and nothing more comes.
    assert "已全部退订" in tap(service, "text", "退订")
    assert "您还没有订阅" in tap(service, "text", "我的订阅")
    assert next(lines, "") == ""


def test_author_and_strangers_cannot_approve(service):
    made = zwgk(
        service,
        *("notice", "new", "--by", "试用起草", "--area", "441204", "--title", "另一份通知"),
        *("--body", "正文。", "--issuer", "高要区民政局"),
        *("--url", "https://www.example.gov.cn/zwgk/2.html", "--json"),
    )
    notice = json.loads(made)["id"]
    assert re.fullmatch(r"[0-9a-f]+", notice)
    run = subprocess.run(
        command(service.data_dir, "notice", "recall", notice, "--by", "路人", "--note", "x"),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert "没有“路人”" in run.stderr
