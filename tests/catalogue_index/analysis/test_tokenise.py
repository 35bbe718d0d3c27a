"""Words with our own among them; a cache only ever makes the start faster."""

import gc
import hashlib
import random
import sys
import tracemalloc
from itertools import accumulate

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue_index.analysis.dictionary import Dictionary
from catalogue_index.analysis.tokenise import Tokeniser

TEXT = "最低生活保障审批信息在哪里公开"


@pytest.fixture(scope="module")
def plain():
    return Tokeniser()


@pytest.fixture(scope="module")
def peer():
    """jieba itself, with its whole dictionary."""
    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        tokenizer.FREQ, _ = tokenizer.gen_pfdict(file)
    tokenizer.total = sum(tokenizer.FREQ.values())
    tokenizer.initialized = True
    return tokenizer


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A dictionary of a few words, so that loading it often costs nothing."""
    path = tmp_path_factory.mktemp("dictionary") / "small.txt"
    path.write_text("生活 50\n保障 40\n最低 9\n审批 8\n信息 7\n公开 6\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def expected(small):
    return Tokeniser(dictionary=small).words(TEXT)


@pytest.fixture
def cache(tmp_path, small):
    path = tmp_path / "words.txt"
    Tokeniser(cache=path, dictionary=small)
    return path


def test_document_numbers_stay_whole(plain):
    words = plain.words("依据粤府办〔2020〕10号、国办发〔2019〕54号。")
    assert words[:2] == ["依据粤府办〔2020〕10号", "国办发〔2019〕54号"]


def test_long_words_come_with_their_parts(plain):
    words = plain.words("中华人民共和国")
    assert words[-1] == "中华人民共和国"
    assert {"中华", "人民", "共和国"} < set(words)


def test_single_characters_are_no_words_but_letters_and_digits_are(plain):
    assert plain.words("我和你 a 5 号") == ["a", "5"]


def test_own_words_are_known_to_their_tokeniser_only(small):
    assert "蓝盾卡" in Tokeniser(["蓝盾卡"], dictionary=small).words("办蓝盾卡要多久")
    assert "蓝盾卡" not in Tokeniser(dictionary=small).words("办蓝盾卡要多久")


def test_an_own_word_counts_as_we_say_though_the_dictionary_has_it():
    lines = "公开 7\n公开栏 2\n公 1\n".encode()
    known = Dictionary.of([("公开", 30), ("开栏目", 5)], lines)
    assert known.beginning("公开栏目", 0) == [(1, 1), (2, 30), (3, 2)]
    assert known.beginning("公开栏目", 1) == [(4, 5)]
    assert known.beginning("公开栏目", 2) == []
    assert known.total == 7 + 2 + 1 + 30 + 5
    assert "开栏目" in known
    assert "开栏" not in known


def test_cutting_keeps_nothing_of_what_it_met(plain):
    """However many characters come: there is no dictionary of words made as they are met."""
    texts = ["".join(map(chr, range(at, at + 8))) for at in range(0x4E00, 0x9FFF, 8)]
    plain.words(texts[0])
    gc.collect()
    tracemalloc.start()
    try:
        for text in texts:
            plain.words(text)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 50_000


def test_a_word_begins_where_the_text_is_cut(plain):
    assert [plain.begins_word("医疗救助", at) for at in range(4)] == [True, False, True, False]


def test_words_are_told_by_where_they_begin_and_end(plain):
    text = "我在2024年申请养老服务"
    assert [text[begin:end] for begin, end in plain.spans(text)] == ["申请", "养老", "服务"]


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_cut_into_pieces_of_itself(plain, text):
    assert all(word and word in text for word in plain.words(text))


@settings(max_examples=100)
@given(
    st.text("最低生活保障审批信息公开中华人民共和国养老服务补贴一二三㐀", min_size=1, max_size=30)
)
def test_a_run_is_cut_as_jieba_cuts_it(plain, peer, text):
    expected = peer.cut_for_search(text, HMM=False)
    assert plain.cut(text) == [word for word in expected if len(word) > 1]


@settings(max_examples=200)
@given(st.text("最低生活保障信息公开中华人民共和国·,。 (3a㐀", min_size=1, max_size=12))
def test_words_begin_where_jieba_cuts(plain, peer, text):
    for at in range(len(text)):
        if not text[at].isascii():
            first = max(0, at - 6)
            ends = list(accumulate(map(len, peer.cut(text[first : at + 6], HMM=False)), initial=0))
            assert plain.begins_word(text, at) == (at - first in ends)


def test_the_whole_dictionary_gives_the_same_words_from_a_cache(tmp_path, plain):
    cache = tmp_path / "new" / "folder" / "words.txt"
    text = "泽州县人民政府办公室关于印发养老服务领域基层政务公开标准目录的通知"
    assert Tokeniser(cache=cache).words(text) == plain.words(text)
    written = cache.stat().st_mtime_ns
    assert Tokeniser(cache=cache).words(text) == plain.words(text)
    assert cache.stat().st_mtime_ns == written
    assert [path.name for path in cache.parent.iterdir()] == ["words.txt"]


def test_a_cache_is_what_is_read(cache, small):
    """Without this, a cache that is never used would pass every other test."""
    head, _, body = cache.read_bytes().partition(b"\n")
    other = body.replace(*("低高"[n].encode(f"utf-32-{sys.byteorder[0]}e") for n in (0, 1)))
    changed = head.replace(*(hashlib.sha256(d).hexdigest().encode() for d in (body, other)))
    cache.write_bytes(changed + b"\n" + other)
    words = Tokeniser(cache=cache, dictionary=small).words("最低最高")
    assert words == ["最高"]


def flip_one_bit(data):
    at = random.Random(7).randrange(data.index(b"\n") + 1, len(data))
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data + b"x",
        lambda data: random.Random(3).randbytes(10_000),
        lambda data: b"00000000\n\n",
        lambda data: b"0a000000\n\n\xe4\xbd\x8e\xe4\xbf\x9d",
        lambda data: data.split(b"\n")[0] + b"\n0a000000\n\xe4\xbd\x8e\xe4\xbf\x9d",
        flip_one_bit,
    ],
    ids=["empty", "cut", "longer", "random", "no words", "old format", "other body", "one bit"],
)
def test_a_damaged_or_planted_cache_is_done_without_and_written_anew(
    cache, small, expected, damage
):
    sound = cache.read_bytes()
    cache.write_bytes(damage(sound))
    assert Tokeniser(cache=cache, dictionary=small).words(TEXT) == expected
    assert cache.read_bytes() == sound


def test_a_cache_of_another_dictionary_is_not_used(cache, small, expected, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("低生 90\n活保 90\n", encoding="utf-8")
    sound = cache.read_bytes()
    assert Tokeniser(cache=cache, dictionary=other).words(TEXT) == ["低生", "活保"]
    assert cache.read_bytes() != sound
    assert Tokeniser(cache=cache, dictionary=small).words(TEXT) == expected


def test_a_cache_with_other_words_of_ours_is_not_used(cache, small, expected):
    assert "蓝盾卡" in Tokeniser(["蓝盾卡"], cache, small).words("办蓝盾卡要多久")
    assert "蓝盾卡" not in Tokeniser((), cache, small).words("办蓝盾卡要多久")
    assert Tokeniser(cache=cache, dictionary=small).words(TEXT) == expected


def test_a_cache_of_another_format_is_not_used(cache, small, expected):
    sound = cache.read_bytes()
    _, _, rest = sound.partition(b" ")
    cache.write_bytes(b"other " + rest)
    assert Tokeniser(cache=cache, dictionary=small).words(TEXT) == expected
    assert cache.read_bytes() == sound


def test_what_a_killed_process_left_is_taken_over(cache, small):
    sound = cache.read_bytes()
    cache.unlink()
    part = cache.with_name("words.txt.part")
    part.write_bytes(sound[:20])
    Tokeniser(cache=cache, dictionary=small)
    assert cache.read_bytes() == sound
    assert not part.exists()


def test_where_nothing_can_be_written_it_works_without(tmp_path, small, expected):
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder should be")
    assert Tokeniser(cache=blocked / "words.txt", dictionary=small).words(TEXT) == expected
    assert Tokeniser(cache=tmp_path, dictionary=small).words(TEXT) == expected
