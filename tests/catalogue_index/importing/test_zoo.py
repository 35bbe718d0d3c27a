"""The forms in which catalogues are published, in every format: read right, or refused with a reason."""

import pytest
from hypothesis import given, settings

from catalogue_index.errors import Refused
from tests.benchmarks.accuracy import LEAST, measure
from tests.fixtures.zoo.catalogues import catalogues
from tests.fixtures.zoo.outcomes import formats_of, imported, outcome, read_again
from tests.fixtures.zoo.points import zoo

READ = [
    pytest.param(case, format, id=f"{case.point} {case.name} {format}")
    for case in zoo()
    if not case.refusal
    for format in formats_of(case)
]
REFUSED = [
    pytest.param(case, format, id=f"{case.point} {case.name} {format}")
    for case in zoo()
    if case.refusal
    for format in formats_of(case)
]


def test_every_point_of_the_list_has_a_case():
    assert {case.point for case in zoo()} == set(range(1, 41))


@pytest.mark.parametrize(("case", "format"), READ)
def test_a_published_form_is_read_cell_by_cell(case, format):
    found = outcome(case, format)
    assert found.differences == {}
    assert found.doubts == found.wanted_doubts


@pytest.mark.parametrize(("case", "format"), REFUSED)
def test_what_is_no_readable_catalogue_is_refused_with_a_reason(case, format):
    with pytest.raises(Refused, match=case.refusal) as refusal:
        imported(case, format)
    assert str(refusal.value).endswith("。")


def test_cells_are_right_as_promised_and_wrong_rows_are_doubted():
    for found in measure():
        assert found.percent >= LEAST[found.format], found
        assert found.unseen == 0, found


@pytest.mark.parametrize("format", ["xlsx", "xls", "csv", "docx", "html"])
@settings(max_examples=25, deadline=None)
@given(case=catalogues())
def test_no_cell_of_a_catalogue_is_lost_on_the_way_through_a_file(format, case):
    assert read_again(case, format).differences == {}


@settings(max_examples=10, deadline=None)
@given(case=catalogues(line_breaks=False))
def test_no_cell_is_lost_on_the_way_through_a_pdf(case):
    found = read_again(case, "pdf")
    assert found.differences.keys() <= found.doubted
