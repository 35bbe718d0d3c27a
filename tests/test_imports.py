"""Imports run one way, bot → faq → catalogue_index, and the two libraries ask no network, environment or clock."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BELOW = {
    "bot": {"bot", "faq", "catalogue_index"},
    "faq": {"faq", "catalogue_index"},
    "catalogue_index": {"catalogue_index"},
}
LIBRARIES = ("faq", "catalogue_index")
OUTSIDE = {
    *("aiohttp", "asyncio", "ftplib", "http", "httpx", "httpx2", "requests", "smtplib", "socket"),
    *("socketserver", "ssl", "subprocess", "telnetlib", "time", "urllib", "urllib3", "webbrowser"),
    *("wechatpy", "fastapi", "starlette", "uvicorn", "sqlalchemy", "pydantic_settings"),
}
"""Modules of networks, other processes and clocks."""
ASKS = {
    *("os.environ", "os.environb", "os.getenv", "os.putenv", "os.system", "os.popen"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
}
"""Attributes that ask the environment or the clock, by their last two names."""
ALLOWED = {
    ("catalogue_index/analysis/pinyin.py", "os.environ"),
    ("catalogue_index/readers/apart.py", "subprocess"),
    ("catalogue_index/readers/office.py", "subprocess"),
}
"""pypinyin takes its one setting from there only; nothing of ours is read from it. Only LibreOffice
reads .doc with its merged cells, and some workbooks may end the process that reads them; the same
file still gives the same grids."""


def imported(tree, package):
    """Full names of the modules that a module imports; ``package`` is the one that it is in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*parts, *filter(None, [node.module])))
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("import_module", "__import__")
        ):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant))


def asked(tree, names):
    """What a module asks of the environment or the clock, however it was imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ".".join(ast.unparse(node).split(".")[-2:])
    yield from (".".join(name.split(".")[-2:]) for name in names)


def violations(root):
    """(file, what) of every import and call that breaks a rule of this test."""
    found = set()
    for own, allowed in BELOW.items():
        for path in (root / own).rglob("*.py"):
            place = path.relative_to(root)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = list(imported(tree, place.parent.parts))
            tops = {name.split(".")[0] for name in names}
            wrong = (tops & BELOW.keys()) - allowed
            if own in LIBRARIES:
                wrong |= tops & OUTSIDE
                wrong |= ASKS & set(asked(tree, names))
            found |= {(place.as_posix(), what) for what in wrong}
    return found


def test_imports_run_one_way_and_the_libraries_ask_nothing():
    assert violations(ROOT) == ALLOWED


def test_every_module_was_looked_at():
    looked = {path for own in BELOW for path in (ROOT / own).rglob("*.py")}
    assert len(looked) > 100
    for own in BELOW:
        assert ROOT / own / "__init__.py" in looked


@pytest.mark.parametrize(
    ("file", "line", "what"),
    [
        ("catalogue_index/a.py", "import bot", "bot"),
        ("catalogue_index/a.py", "from faq.model import FaqEntry", "faq"),
        ("catalogue_index/deep/a.py", "from bot import settings", "bot"),
        ("faq/a.py", "def late():\n    from bot.clock import Clock", "bot"),
        ("faq/a.py", "import importlib\nimportlib.import_module('bot.app')", "bot"),
        ("faq/a.py", "import requests", "requests"),
        ("faq/a.py", "from urllib.request import urlopen", "urllib"),
        ("faq/a.py", "from time import monotonic", "time"),
        ("catalogue_index/a.py", "import os\nprint(os.environ['HOME'])", "os.environ"),
        ("catalogue_index/a.py", "from os import environ", "os.environ"),
        ("catalogue_index/a.py", "import os\nos.getenv('HOME')", "os.getenv"),
        ("catalogue_index/a.py", "from datetime import datetime\ndatetime.now()", "datetime.now"),
        ("catalogue_index/a.py", "import datetime\ndatetime.datetime.now()", "datetime.now"),
        ("catalogue_index/a.py", "from datetime import date\ndate.today()", "date.today"),
        ("catalogue_index/a.py", "import socket as s", "socket"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, file, line, what):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    assert (file, what) in violations(tmp_path)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("bot/a.py", "import faq, catalogue_index, socket, time\nfrom os import environ"),
        ("faq/a.py", "from catalogue_index.errors import Refused\nfrom . import model"),
        ("catalogue_index/readers/a.py", "from ..errors import Refused\nfrom . import csv"),
        ("catalogue_index/a.py", "from datetime import datetime\nimport os.path\nos.fspath('a')"),
    ],
)
def test_what_is_allowed_is_not_found(tmp_path, file, line):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    assert violations(tmp_path) == set()
