from datetime import date

import pytest

from catalogue_index.documents.errata import Erratum, correct, corrections_in
from catalogue_index.errors import UnrecognisedFile


def erratum(wrong, right):
    return Erratum("d", wrong, right, "扫描误识", date(2026, 1, 2))


def test_correction_replaces_the_scanned_words():
    assert (
        correct("按照国家 and 省\n要求", [erratum("国家 and 省", "国家和省")])
        == "按照国家和省\n要求"
    )


@pytest.mark.parametrize("text", ["按照国家要求", "国家 and 省，国家 and 省"])
def test_words_not_there_exactly_once_are_refused(text):
    with pytest.raises(UnrecognisedFile, match="恰好出现 1 次"):
        correct(text, [erratum("国家 and 省", "国家和省")])


def test_empty_wrong_text_is_refused():
    with pytest.raises(UnrecognisedFile, match="出现 0 次"):
        correct("国家", [erratum("", "省")])


def test_corrected_passage_tells_what_was_scanned():
    made = erratum("国家 and 省", "国家和省")
    assert corrections_in("应按照国家和省要求", [made]) == [made]
    assert corrections_in("应按照本省要求", [made]) == []
