"""FAQ entries and phrasings travel inside a knowledge snapshot unchanged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.snapshot import SnapshotReader, SnapshotWriter
from faq import snapshot
from faq.model import FaqEntry
from faq.snapshot import Phrasing, entry_id, read_entries

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ENTRIES = st.builds(FaqEntry, st.sampled_from(["a", "b-1"]), st.integers(1, 999), TEXT, TEXT, TEXT)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("snapshots")
    return lambda: folder / f"{len(list(folder.iterdir()))}.sqlite"


@settings(max_examples=20, deadline=None)
@given(
    entries=st.lists(ENTRIES, max_size=4, unique_by=lambda e: (e.document, e.number)),
    phrasings=st.lists(st.builds(Phrasing, TEXT, TEXT), max_size=4),
)
def test_everything_is_read_back_equal(place, entries, phrasings):
    path = place()
    writer = SnapshotWriter(path)
    snapshot.write(writer, entries, phrasings)
    writer.finish()
    reader = SnapshotReader(path)
    assert read_entries(reader) == entries
    assert [Phrasing(**row) for row in reader.rows("phrasings")] == phrasings


def test_an_entry_is_known_by_document_and_number():
    entry = FaqEntry("guangdong-2020-notice", 6, "", "问", "答")
    assert entry_id(entry) == "guangdong-2020-notice-6"
