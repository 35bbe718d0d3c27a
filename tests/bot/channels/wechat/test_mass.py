from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.port import Fate, Letter
from bot.channels.wechat.client import Platform
from bot.channels.wechat.mass import WeChatMass, _parts, content_of, job_of
from bot.settings import AccountKind
from tests.fixtures.platform import Server

SEND, SEND_BY_TAG = "/cgi-bin/message/mass/send", "/cgi-bin/message/mass/sendall"
Letters = Callable[..., Letter]


@pytest.fixture
def mass(platform: Platform) -> WeChatMass:
    return WeChatMass(platform, AccountKind.SERVICE, protected=True)


def crowd(letter: Letters, size: int, push: int = 1, **other: object) -> list[Letter]:
    return [letter(f"o-{n}", key=f"{push}/{n}", delivery=n, **other) for n in range(size)]


def test_a_repetition_is_accepted_as_the_first_one(
    mass: WeChatMass, server: Server, letter: Letters
) -> None:
    letters = crowd(letter, 3)
    server.breaks[SEND] = ["500"]
    lost = mass.hand(letters)
    again = mass.hand(list(reversed(letters)))
    assert {outcome.fate for outcome in lost} == {Fate.UNKNOWN}
    assert {(outcome.fate, outcome.code) for outcome in again} == {(Fate.ACCEPTED, "45065")}
    assert {outcome.ref for outcome in again} == {str(number) for number in server.jobs.values()}
    assert len(server.jobs) == 1


def test_other_people_are_another_job(letter: Letters) -> None:
    assert job_of(crowd(letter, 3)) != job_of(crowd(letter, 4))
    assert len(job_of(crowd(letter, 3)).encode()) == 64


def test_letters_of_different_words_go_in_different_calls(
    mass: WeChatMass, server: Server, letter: Letters
) -> None:
    first, second = crowd(letter, 2), crowd(letter, 2, push=2, text="另一件事")
    outcomes = mass.hand([first[0], second[0], first[1], second[1]])
    calls = server.sent(SEND)
    assert [call["touser"] for call in calls] == [["o-0", "o-1"], ["o-0", "o-1"]]
    assert [outcome.ref for outcome in outcomes[:2]] == [outcome.ref for outcome in outcomes[2:]]
    assert outcomes[0].ref != outcomes[1].ref


@pytest.mark.parametrize(
    ("size", "parts"),
    [(2, [2]), (10_000, [10_000]), (10_001, [9_999, 2]), (20_002, [10_000, 10_000, 2])],
)
def test_calls_hold_two_to_ten_thousand(
    mass: WeChatMass, server: Server, letter: Letters, size: int, parts: list[int]
) -> None:
    outcomes = mass.hand(crowd(letter, size))
    assert [len(call["touser"]) for call in server.sent(SEND)] == parts
    assert {outcome.fate for outcome in outcomes} == {Fate.ACCEPTED}
    assert len(outcomes) == size


def test_one_alone_is_refused_without_a_call(
    mass: WeChatMass, server: Server, letter: Letters
) -> None:
    [outcome] = mass.hand([letter()])
    assert outcome.fate is Fate.REFUSED
    assert not server.calls


def test_an_administrator_is_told_to_confirm(mass: WeChatMass, letter: Letters) -> None:
    assert "30 分钟" in mass.hand(crowd(letter, 2))[0].why


def test_by_tag_the_history_stays_clear_and_a_repetition_is_known(
    mass: WeChatMass, server: Server, letter: Letters
) -> None:
    content = content_of(letter(fields={"media_id": "draft-1"}))
    first = mass.send_to_tag(100, content, "push-1/part-1")
    again = mass.send_to_tag(100, content, "push-1/part-1")
    assert first.ref == again.ref != ""
    assert again.fate is Fate.ACCEPTED
    call = server.sent(SEND_BY_TAG)[0]
    assert call["filter"] == {"is_to_all": False, "tag_id": 100}
    assert call["mpnews"] == {"media_id": "draft-1"}
    assert call["clientmsgid"] == "push-1/part-1"


def test_a_job_with_too_long_an_id_is_refused(mass: WeChatMass, letter: Letters) -> None:
    assert mass.send(["o-1", "o-2"], content_of(letter()), "长" * 22).fate is Fate.REFUSED


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("SENDING", Fate.ACCEPTED),
        ("SEND_SUCCESS", Fate.ACCEPTED),
        ("SEND_FAIL", Fate.UNDELIVERED),
        ("DELETE", Fate.ACCEPTED),
        ("NEW_STATUS", Fate.UNKNOWN),
    ],
)
def test_the_platform_is_asked_once_for_each_sending(
    mass: WeChatMass, server: Server, letter: Letters, status: str, fate: Fate
) -> None:
    server.status = status
    outcomes = mass.settle(crowd(letter, 4), ["7", "7", "8", ""])
    assert [outcome.fate for outcome in outcomes] == [fate, fate, fate, Fate.UNKNOWN]
    assert len(server.sent("/cgi-bin/message/mass/get")) == 2


def test_an_article_is_withdrawn_by_its_number(mass: WeChatMass, server: Server) -> None:
    assert mass.withdraw("3147483651").fate is Fate.ACCEPTED
    assert server.sent("/cgi-bin/message/mass/delete") == [{"msg_id": 3147483651}]


@pytest.fixture
def by_tag(platform: Platform, server: Server) -> WeChatMass:
    server.followers |= {f"o-{n}" for n in range(60)}
    return WeChatMass(platform, AccountKind.SUBSCRIPTION)


def test_a_subscription_account_sends_to_those_who_wear_its_tag(
    by_tag: WeChatMass, server: Server, letter: Letters
) -> None:
    outcomes = by_tag.hand([*crowd(letter, 60), letter("o-left", key="1/left")])
    assert [outcome.fate for outcome in outcomes] == [*[Fate.ACCEPTED] * 60, Fate.REFUSED]
    assert outcomes[-1].gone
    [call] = server.sent(SEND_BY_TAG)
    assert server.wearers[call["filter"]["tag_id"]] == {f"o-{n}" for n in range(60)}
    assert not server.sent(SEND)

    by_tag.hand(crowd(letter, 3, push=2))  # the next day, to others
    assert server.wearers[call["filter"]["tag_id"]] == {"o-0", "o-1", "o-2"}
    assert len(server.tags) == 2


@pytest.mark.parametrize("broken", ["500", "reset after", "html"])
def test_a_tag_that_could_not_be_given_leaves_nothing_in_doubt(
    by_tag: WeChatMass, server: Server, letter: Letters, broken: str
) -> None:
    server.breaks["/cgi-bin/tags/members/batchtagging"] = [broken]
    assert {one.fate for one in by_tag.hand(crowd(letter, 3))} == {Fate.LATER}
    assert not server.sent(SEND_BY_TAG)
    assert {one.fate for one in by_tag.hand(crowd(letter, 3))} == {Fate.ACCEPTED}


def test_a_subscription_account_has_one_a_day_and_a_service_account_four_a_month(
    platform: Platform,
) -> None:
    assert WeChatMass(platform, AccountKind.SUBSCRIPTION).limits.per_day == 1
    assert WeChatMass(platform, AccountKind.SERVICE).limits.per_person_month == 4


def test_an_account_without_the_right_is_told_so(mass: WeChatMass, server: Server) -> None:
    assert mass.probe().usable
    server.codes["/cgi-bin/message/mass/get"] = [{"errcode": 48001, "errmsg": "api unauthorized"}]
    assert "接口权限" in mass.probe().why
    assert not server.jobs


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=60))
def test_each_letter_is_in_one_call_with_its_like(drawn: list[tuple[int, int]]) -> None:
    letters = [
        Letter(n, f"k{n}", f"o-{person}", "题", f"文{text}", "")
        for n, (text, person) in enumerate(drawn)
    ]
    parts = list(_parts(letters))
    assert sorted(place for part in parts for place in part) == list(range(len(letters)))
    assert all(len({letters[place].text for place in part}) == 1 for part in parts)
