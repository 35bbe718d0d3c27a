"""Published catalogues and documents hold no personal data, and the gate finds none in them."""

import csv
from importlib.resources import files

from catalogue_index.privacy import find

BUILTIN = files("bot.knowledge").joinpath("builtin")


def test_nothing_is_found_in_what_comes_with_the_program():
    documents = [p.read_text("utf-8") for p in BUILTIN.joinpath("documents").iterdir()]
    rows = [
        row
        for path in BUILTIN.joinpath("catalogues").iterdir()
        for row in csv.reader(path.read_text("utf-8-sig").splitlines())
    ]
    texts = [*documents, *(cell for row in rows for cell in row)]
    assert len(texts) > 5000
    assert [text for text in texts if find(text)] == []
