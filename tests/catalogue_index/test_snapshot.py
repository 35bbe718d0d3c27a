"""What is written is read back equal, by us and by any SQLite tool; what is damaged is refused."""

import random
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.analysis.synonyms import Synonym
from catalogue_index.errors import UnreadableFile
from catalogue_index.index import PreparedIndex
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
VECTORS = st.dictionaries(TEXT, st.floats(allow_nan=False, allow_infinity=False), max_size=4)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A new path each time: hypothesis runs a test many times in one directory."""
    folder = tmp_path_factory.mktemp("snapshots")
    return lambda: folder / f"{len(list(folder.iterdir()))}.sqlite"


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
    weights=VECTORS,
    vectors=st.lists(st.tuples(TEXT, TEXT, VECTORS), max_size=4, unique_by=lambda v: v[0]),
)
def test_everything_is_read_back_equal(
    place, documents, items, passages, synonyms, weights, vectors
):
    path = place()
    writer = SnapshotWriter(path)
    writer.documents(documents)
    writer.items("catalogue", enumerate(items, 1))
    writer.passages(passages)
    writer.synonyms(synonyms)
    writer.index(PreparedIndex(weights, vectors))
    writer.finish(software="1")
    reader = SnapshotReader(path)
    assert reader.documents() == documents
    assert reader.items() == [
        (item_id("catalogue", n), "catalogue", item) for n, item in enumerate(items, 1)
    ]
    assert reader.passages() == passages
    assert reader.synonyms() == synonyms
    assert reader.index() == PreparedIndex(weights, vectors)
    assert reader.meta.items() >= {"format": FORMAT, "software": "1"}.items()


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
    assert [item for _, _, item in reader.items()] == items


def test_same_inputs_give_the_same_contents(tmp_path):
    def dump(name):
        path = tmp_path / name
        writer = SnapshotWriter(path)
        writer.items("c", [(7, Item("社会救助", "低保", "审批", extras={"乙": "2", "甲": "1"}))])
        writer.index(PreparedIndex({"低": 1.5}, [("u", "44", {"低": 1.0})]))
        writer.finish(software="1")
        with closing(sqlite3.connect(path)) as database:
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
    assert (reader.items(), reader.passages(), reader.synonyms()) == ([], [], [])
    assert reader.index() == PreparedIndex({}, [])


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
