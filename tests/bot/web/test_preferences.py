"""Letter sizes: asked for, remembered, stepped through."""

from hypothesis import given
from hypothesis import strategies as st

from bot.web.preferences import NORMAL, SIZES, Letters, letters_of


def test_switching_on_starts_readable_and_keeps_a_size_chosen_before():
    assert letters_of({"large": "1"}, {}).size == 21
    assert letters_of({"large": "1"}, {"zwgk_large": "30"}).size == 30
    assert letters_of({"large": "0"}, {"zwgk_large": "30"}).size == NORMAL
    assert letters_of({}, {"zwgk_large": "24"}).size == 24


def test_steps_reach_from_18_to_30_and_stop_there():
    letters, seen = Letters(SIZES[0]), []
    while letters.larger:
        seen.append(letters.size)
        letters = Letters(letters.larger)
    assert (seen[0], letters.size) == (18, 30)
    assert Letters(18).smaller is None
    assert Letters(30).smaller == 27


@given(st.text(), st.text())
def test_whatever_arrives_gives_a_known_size(asked, remembered):
    assert letters_of({"large": asked}, {"zwgk_large": remembered}).size in {NORMAL, *SIZES}
