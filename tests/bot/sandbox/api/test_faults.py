"""What goes wrong on purpose: to the caller it looks as it should, and the ledger knows what was accepted."""

from collections import Counter

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.faults import BEFORE, Fault, Faults, Kind

from .conftest import CITIZEN

SEND = "/cgi-bin/message/template/send"


def struck(platform, kind, **more):
    platform.token()
    rule = {"path": SEND, "kind": kind, "calls": [1], "seconds": 0.05, **more}
    platform.control("faults", rules=[rule])


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "silence_after"])
def test_broken_connection(platform, kind):
    struck(platform, kind)
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        platform.template()
    assert len(platform.ledger.received()) == (0 if kind == "reset_before" else 1)
    assert platform.template(key="next")["errcode"] == 0


def test_silence_outlasts_a_caller(platform):
    struck(platform, "silence_after", seconds=1)
    with pytest.raises(httpx2.ReadTimeout):
        platform.http.post(
            SEND,
            params={"access_token": platform.token()},
            json={"touser": CITIZEN, **BODY},
            timeout=0.3,
        )
    assert len(platform.ledger.received()) == 1


BODY = {
    "template_id": "sandbox-template",
    "data": {
        "thing1": {"value": "高龄津贴"},
        "phrase2": {"value": "已受理"},
        "time3": {"value": "12:00"},
    },
}


@pytest.mark.parametrize(
    ("kind", "status", "accepted"),
    [
        ("error_before", 500, 0),
        ("error_after", 500, 1),
        ("page_before", 200, 0),
        ("page_after", 200, 1),
        ("broken_after", 200, 1),
    ],
)
def test_answer_that_is_none(platform, kind, status, accepted):
    struck(platform, kind)
    params = {"access_token": platform.token()}
    response = platform.http.post(SEND, params=params, json={"touser": CITIZEN, **BODY})
    assert response.status_code == status
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        response.json()
    assert len(platform.ledger.received()) == accepted


@pytest.mark.parametrize(("kind", "code"), [("quota", 45009), ("busy", -1)])
def test_refusal_accepts_nothing(platform, kind, code):
    struck(platform, kind)
    assert platform.template()["errcode"] == code
    assert platform.ledger.received() == []


def test_slow_answer_is_an_answer(platform):
    struck(platform, "slow")
    assert platform.template()["errcode"] == 0


def test_quota_may_end_in_the_middle(platform):
    struck(platform, "quota", calls=[], since=3)
    codes = [platform.template(key=f"k{n}")["errcode"] for n in range(5)]
    assert codes == [0, 0, 45009, 45009, 45009]
    platform.control("faults", rules=[])
    assert platform.template()["errcode"] == 0


def test_other_paths_are_spared(platform):
    struck(platform, "error_before", calls=[], since=1)
    assert platform.get("cgi-bin/tags/get") == {"tags": []}


def test_a_kind_that_does_not_exist_is_refused(platform):
    rules = [{"path": SEND, "kind": "explode"}]
    assert platform.http.post("/sandbox/control/faults", json={"rules": rules}).status_code == 422


@given(st.integers(), st.sampled_from(sorted(Kind)), st.floats(0.05, 0.95))
def test_chance_is_the_same_for_the_same_seed(seed, kind, chance):
    fault = Fault("/a", kind, chance=chance, seed=seed)
    hits = [fault.hits(n) for n in range(400)]
    assert hits == [Fault("/a", kind, chance=chance, seed=seed).hits(n) for n in range(400)]
    assert abs(sum(hits) / 400 - chance) < 0.2


def test_another_seed_hits_others():
    hits = [[Fault("/a", Kind.BUSY, chance=0.5, seed=s).hits(n) for n in range(99)] for s in (1, 2)]
    assert hits[0] != hits[1]


def test_no_chance_hits_nobody_and_certainty_everybody():
    assert not any(Fault("/a", Kind.BUSY).hits(n) for n in range(1, 99))
    assert all(Fault("/a", Kind.BUSY, chance=1).hits(n) for n in range(1, 99))


def test_each_rule_counts_the_calls_of_its_own_path():
    faults = Faults([Fault("/a", Kind.BUSY, calls=(2,)), Fault("/", Kind.QUOTA, calls=(3,))])
    struck = [faults.strike(path) for path in ("/b", "/a", "/a", "/a")]
    assert [fault.kind if fault else None for fault in struck] == [None, None, "busy", None]
    assert Counter(fault.kind for fault in struck if fault) == {"busy": 1}


def test_kinds_are_told_apart_by_what_they_accept():
    assert {kind for kind in Kind if kind.endswith("_before")} < BEFORE
    assert not {kind for kind in Kind if kind.endswith("_after")} & BEFORE
