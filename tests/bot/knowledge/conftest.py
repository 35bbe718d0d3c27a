"""A small installation: real parts, a dictionary of a few words, one built-in document."""

import csv
from datetime import datetime, timedelta

import pytest

from bot.clock import CHINA
from bot.knowledge.building import build, fingerprint
from bot.knowledge.model import Content
from bot.knowledge.service import KnowledgeService
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.areas import national_areas
from catalogue_index.model import COLUMNS, Document
from faq.model import FaqEntry

GUANGDONG = Content(
    Document("guangdong", "广东省答疑", "faq", "44", "广东省", reference=True),
    "全文",
    entries=(FaqEntry("guangdong", 1, "", "目录谁来编？", "由县级政府编制。"),),
)


@pytest.fixture(scope="session")
def tokeniser(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("公开 50\n低保 40\n目录 9\n审批 8\n信息 7\n", encoding="utf-8")
    return Tokeniser(dictionary=dictionary)


@pytest.fixture(scope="session")
def clock_from():
    """Makes clocks that begin at nine on a day of March 2024; a minute passes at every look."""

    def make(day):
        start = datetime(2024, 3, day, 9, tzinfo=CHINA)
        moments = (start + timedelta(minutes=n) for n in range(10**6))
        return lambda: next(moments)

    return make


@pytest.fixture
def clock(clock_from):
    return clock_from(1)


@pytest.fixture(scope="session")
def service_of(tokeniser):
    """Makes services of data directories, with one built-in document."""

    def make(data_dir, clock, software="1", **more):
        return KnowledgeService(
            data_dir,
            lambda: tokeniser,
            national_areas(),
            clock,
            software,
            builtin=lambda: (GUANGDONG,),
            phrasings=lambda: (),
            **more,
        )

    return make


@pytest.fixture
def make_service(tmp_path, clock, service_of):
    def make(data_dir=tmp_path / "data", software="1", clock=clock, **more):
        return service_of(data_dir, clock, software, **more)

    return make


@pytest.fixture
def service(make_service):
    return make_service()


@pytest.fixture
def make_version(tokeniser):
    """Builds a version whose every text says its number, into a ``Versions``; returns its name."""

    def make(versions, number, answers=20):
        said = f"第{number}版"
        document = Document(f"d{number}", said, "faq", "44", "广东省", reference=True)
        entries = tuple(FaqEntry(document.id, n, "", f"问题{n}？", said) for n in range(answers))
        contents = (Content(document, said, entries),)
        name = f"20240301-{fingerprint(contents, (), (), '1')}"
        analyser = Analyser(tokeniser, Synonyms(()))
        with versions.changing():
            build(versions.path(name), contents, (), (), analyser, software="1", number=str(number))
        return name

    return make


@pytest.fixture(scope="session")
def write_rows():
    """Writes a catalogue as CSV: rows of sector, category, item and time limit."""

    def write(path, *rows):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS.values())
            for sector, category, item, limit in rows:
                known = (sector, category, item, f"{item}的内容", "《社会救助暂行办法》", limit)
                writer.writerow((*known, "县民政局", "■政府网站", "全社会", "主动", "县级"))
        return path

    return write


@pytest.fixture
def write_catalogue(tmp_path, write_rows):
    """Writes a catalogue into the test's own folder."""
    return lambda name, *rows: write_rows(tmp_path / name, *rows)
