"""What is written is read back equal, by us and by any SQLite tool; what is damaged is refused."""

import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonym, Synonyms
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.errors import UnreadableFile
from catalogue_index.index import Index, Unit, prepare
from catalogue_index.model import Document, Item, Place
from catalogue_index.plans import KINDS, Passage
from catalogue_index.snapshot import FORMAT, SnapshotReader, SnapshotWriter, item_id, passage_id

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
CELL = st.none() | TEXT
CELLS = st.dictionaries(TEXT, TEXT, max_size=3)
ITEMS = st.builds(
    Item,
    *[CELL] * 11,
    place=st.builds(Place, st.integers(0, 10**6), TEXT),
    extras=CELLS,
    raw=CELLS,
)
DOCUMENTS = st.builds(Document, *[TEXT] * 8, st.booleans(), *[TEXT] * 3)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
PASSAGES = st.builds(
    Passage,
    document=st.just("plan"),
    ordinal=st.integers(1, 10**6),
    kind=st.sampled_from(sorted(KINDS)),
    path=NAMES,
    number=TEXT,
    title=TEXT,
    text=TEXT,
    lead=NAMES,
    supporting=NAMES,
    responsible=NAMES,
    due=CELL,
    long_term=st.booleans(),
    sectors=NAMES,
    year=st.none() | st.integers(1990, 2100),
)
WORDS = st.text("低保征地补偿 abc\U0001f600", max_size=8)
SHELVES = st.sampled_from(["44", "441204", ""])
UNITS = st.lists(
    st.builds(
        Unit,
        id=TEXT,
        kind=st.sampled_from(["faq", "plan", "item"]),
        shelf=SHELVES,
        texts=st.lists(st.tuples(WORDS, st.sampled_from([0.5, 3.0])), max_size=2).map(tuple),
        subject=st.sampled_from(["", "甲", "乙"]),
    ),
    max_size=6,
    unique_by=lambda unit: unit.id,
)
PHRASINGS = st.lists(st.tuples(st.sampled_from(["甲", "乙", "丙"]), WORDS), max_size=6)
CATALOGUE = [Item("社会救助", "低保", name) for name in ("审批", "公示", "标准")]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A new path each time: hypothesis runs a test many times in one directory."""
    folder = tmp_path_factory.mktemp("snapshots")
    return lambda: folder / f"{len(list(folder.iterdir()))}.sqlite"


@pytest.fixture(scope="module")
def analyser(tmp_path_factory):
    dictionary = tmp_path_factory.mktemp("dictionary") / "small.txt"
    dictionary.write_text("低保 50\n征地 40\n补偿 6\n", encoding="utf-8")
    return Analyser(Tokeniser(dictionary=dictionary), Synonyms(()))


@pytest.fixture
def make_catalogue(tmp_path, analyser):
    """A snapshot of one catalogue whose items and index say ``what``."""

    def make(name, what="低保"):
        writer = SnapshotWriter(tmp_path / name)
        writer.items("gaoyao", enumerate((replace(i, category=what) for i in CATALOGUE), 1))
        units = [
            Unit(f"{what}{n}", "item", shelf, ((what, 1.0),), "s")
            for n, shelf in enumerate(("44", "441204"))
        ]
        writer.index(prepare(units, [("s", "救济")], analyser))
        writer.finish()
        return tmp_path / name

    return make


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "snapshot.sqlite"
    writer = SnapshotWriter(path)
    texts = [
        (Document(f"d{n}", "标题" * 50, "plan", "44", "广东省"), "正文" * 500) for n in range(40)
    ]
    writer.documents(texts)
    writer.finish(built_on="2020-01-01")
    return path


@settings(max_examples=25, deadline=None)
@given(
    documents=st.lists(st.tuples(DOCUMENTS, TEXT), max_size=4, unique_by=lambda pair: pair[0].id),
    items=st.lists(ITEMS, max_size=4),
    passages=st.lists(PASSAGES, max_size=4, unique_by=lambda passage: passage.ordinal),
    synonyms=st.lists(st.builds(Synonym, TEXT, TEXT, TEXT), max_size=4),
)
def test_everything_is_read_back_equal(place, documents, items, passages, synonyms):
    path = place()
    writer = SnapshotWriter(path)
    writer.documents(documents)
    writer.items("catalogue", enumerate(items, 1))
    writer.passages(passages)
    writer.synonyms(synonyms)
    writer.finish(software="1")
    reader = SnapshotReader(path)
    assert reader.documents() == documents
    assert reader.items("catalogue") == [
        (item_id("catalogue", n), item) for n, item in enumerate(items, 1)
    ]
    assert reader.passages() == passages
    assert reader.synonyms() == synonyms
    assert reader.meta.items() >= {"format": FORMAT, "software": "1"}.items()


@settings(max_examples=30, deadline=None)
@given(units=UNITS, phrasings=PHRASINGS, question=WORDS, limit=st.integers(1, 3))
def test_the_index_finds_the_same_before_and_after(
    place, analyser, units, phrasings, question, limit
):
    path, prepared = place(), prepare(units, phrasings, analyser)
    writer = SnapshotWriter(path)
    writer.index(prepared)
    writer.finish()
    before, after = Index.of(prepared), SnapshotReader(path).index()
    query, shelves = analyser.query(question), ["44", "", "441204", "99"]
    found = before.search(query, shelves, limit)
    assert after.search(query, shelves, limit) == found
    assert after.search(query, shelves, limit) == found, "a shelf in memory is like one just read"
    for unit in units:
        expected = before.shared(query, unit.shelf, unit.id)
        assert after.shared(query, unit.shelf, unit.id) == expected
    assert after.overlap(query, query.terms) == before.overlap(query, query.terms)


def test_items_are_found_by_id_and_by_document(tmp_path):
    writer = SnapshotWriter(tmp_path / "s.sqlite")
    writer.items("late", reversed([*enumerate(CATALOGUE, 9)]))
    writer.items("other", [(2, Item("户籍管理", "出生登记", "审批"))])
    writer.finish()
    reader = SnapshotReader(tmp_path / "s.sqlite")
    assert reader.items("late") == [(f"late-{n}", i) for n, i in enumerate(CATALOGUE, 9)]
    assert reader.item("late-10") == ("late", CATALOGUE[1])
    assert [key for key, _ in reader.items("other")] == ["other-2"]
    assert reader.items("nobody") == []
    for unknown in ("late-1", "late", "", "' or true --"):
        assert reader.item(unknown) is None


def test_what_only_late_rows_know_keeps_its_type(tmp_path):
    passage = Passage("plan", 1, "paragraph", (), "", "", "正文")
    passages = [replace(passage, ordinal=n) for n in range(1, 300)]
    goal = replace(passage, ordinal=300, kind="goal", due="2022年底前", year=2022)
    items = [*[Item(None, None, None)] * 300, Item("领域", "一级", "二级", level="县级")]
    writer = SnapshotWriter(tmp_path / "s.sqlite")
    writer.passages([*passages, goal])
    writer.items("c", enumerate(items, 1))
    writer.finish()
    reader = SnapshotReader(tmp_path / "s.sqlite")
    assert reader.passages()[-1] == goal
    assert [item for _, item in reader.items("c")] == items


def test_same_inputs_give_the_same_contents(make_catalogue):
    def dump(name):
        with closing(sqlite3.connect(make_catalogue(name))) as database:
            return list(database.iterdump())

    assert dump("one.sqlite") == dump("two.sqlite")


def test_ids_are_the_document_and_the_place_in_it():
    assert item_id("gaoyao", 12) == "gaoyao-12"
    assert passage_id(Passage("plan", 3, "task", (), "", "", "")) == "plan-3"


def test_any_sqlite_tool_reads_it(snapshot):
    with closing(sqlite3.connect(snapshot)) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        rows = database.execute("select id, title, area_name from documents limit 1").fetchall()
        assert rows == [("d0", "标题" * 50, "广东省")]
        assert database.execute("select value from meta where key='format'").fetchone() == (FORMAT,)


def test_reading_changes_nothing_and_leaves_nothing_beside(snapshot):
    before = snapshot.read_bytes()
    snapshot.chmod(0o444)
    reader = SnapshotReader(snapshot)
    with pytest.raises(UnreadableFile):
        reader.rows("documents; delete from documents")
    assert len(reader.documents()) == 40
    assert snapshot.read_bytes() == before
    assert [path.name for path in snapshot.parent.iterdir()] == [snapshot.name]


def test_a_table_that_nothing_was_written_to_is_empty(snapshot):
    reader = SnapshotReader(snapshot)
    assert (reader.items("d0"), reader.passages(), reader.synonyms()) == ([], [], [])
    assert reader.item("d0-1") is None


def test_names_that_are_odd_in_addresses_are_read(tmp_path, snapshot):
    odd = tmp_path / "100% #1?mode=rw 知识.sqlite"
    snapshot.rename(odd)
    assert len(SnapshotReader(odd).documents()) == 40


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"\0" * len(data),
        lambda data: data[:10],
        lambda data: data[:5000],
        lambda data: data[: len(data) // 2],
        lambda data: data[: len(data) - 4096],
        lambda data: "这是一份文字说明，不是快照。".encode() * 300,
        lambda data: random.Random(1).randbytes(20_000),
        lambda data: data[:4096] + random.Random(1).randbytes(len(data) - 4096),
        lambda data: data[:16] + b"\xff" * 84 + data[100:],
    ],
    ids=["empty", "zeros", "10", "5000", "half", "page", "text", "random", "pages", "head"],
)
def test_a_damaged_file_is_refused_in_chinese(snapshot, damage):
    snapshot.write_bytes(damage(snapshot.read_bytes()))
    with pytest.raises(UnreadableFile, match=r"知识快照“snapshot\.sqlite”不见了或已损坏。请运行"):
        SnapshotReader(snapshot)


def test_a_missing_file_a_folder_and_another_database_are_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as database:
        database.execute("create table people (name text)")
    for name in ("missing.sqlite", ".", "other.sqlite"):
        with pytest.raises(UnreadableFile, match="不见了或已损坏"):
            SnapshotReader(tmp_path / name)
    assert not (tmp_path / "missing.sqlite").exists()


def test_a_file_of_another_format_is_told_apart_from_a_damaged_one(snapshot):
    with closing(sqlite3.connect(snapshot)) as database, database:
        database.execute("update meta set value='0' where key='format'")
    with pytest.raises(UnreadableFile, match="由别的软件版本生成"):
        SnapshotReader(snapshot)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_changed_byte_goes_unnoticed(place, data):
    path = place()
    writer = SnapshotWriter(path)
    writer.documents([(Document("d", "标题", "plan", "44", "广东省"), "五日内公开")])
    writer.finish()
    sound = path.read_bytes()
    at = data.draw(st.integers(0, len(sound) - 1))
    changed = bytearray(sound)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(changed)
    with pytest.raises(UnreadableFile):
        SnapshotReader(path)


def test_a_changed_deadline_is_noticed(snapshot):
    sound = snapshot.read_bytes()
    snapshot.write_bytes(sound.replace("正文".encode(), "伪文".encode(), 1))
    with pytest.raises(UnreadableFile, match="已损坏"):
        SnapshotReader(snapshot)


def test_a_text_that_says_what_the_seal_says_is_just_text(tmp_path):
    text = "sha256-of-the-rest-of-this-file:" + "0" * 64
    writer = SnapshotWriter(tmp_path / "s.sqlite")
    writer.documents([(Document("d", text, "plan", "44", text), text)])
    writer.finish(software=text)
    reader = SnapshotReader(tmp_path / "s.sqlite")
    ((document, read),) = reader.documents()
    assert document.title == document.area_name == read == reader.meta["software"] == text


@pytest.mark.parametrize("gone", [False, True], ids=["replaced", "removed"])
def test_a_reader_keeps_to_the_file_that_it_opened(make_catalogue, analyser, gone):
    path = make_catalogue("current.sqlite")
    reader = SnapshotReader(path)
    index, query = reader.index(), analyser.query("低保救济")
    first = index.search(query, ["44"])
    if gone:
        path.unlink()
    else:
        make_catalogue("next.sqlite", "征地").replace(path)
    assert reader.item("gaoyao-2") == ("gaoyao", CATALOGUE[1])
    assert len(reader.items("gaoyao")) == 3
    assert [hit.id for hit in index.search(query, ["441204"])] == ["低保1"]
    assert index.search(query, ["44"]) == first
    if not gone:
        assert SnapshotReader(path).item("gaoyao-2")[1].category == "征地"


def test_many_threads_read_as_one_does(make_catalogue, analyser):
    reader = SnapshotReader(make_catalogue("s.sqlite"))
    query = analyser.query("低保救济")

    def read(number):
        index = reader.index()
        return index.search(query, ["44", "441204"]), reader.item(f"gaoyao-{number % 4}")

    alone = [read(number) for number in range(4)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(80))) == alone * 20


def test_damage_after_opening_is_refused_too(snapshot):
    reader = SnapshotReader(snapshot)
    snapshot.write_bytes(b"gone")
    with pytest.raises(UnreadableFile, match="已损坏"):
        reader.documents()


def test_a_writer_given_up_on_can_be_closed(tmp_path):
    writer = SnapshotWriter(tmp_path / "s.sqlite")
    writer.close()
    writer.close()
    with pytest.raises(UnreadableFile):
        SnapshotReader(tmp_path / "s.sqlite")
