"""The letter of a row."""

import json
from dataclasses import asdict
from datetime import date

import pytest
from sqlalchemy import update

from bot.deliveries.letters import Letters
from bot.notices.model import Attribute, Text
from bot.notices.repository import canonical
from bot.storage.schema import notices

TEXT = Text(
    "高要区养老服务补贴办法",
    "六十岁以上老年人可以申领。",
    Attribute.ACTIVE,
    "https://example.gov.cn/1",
    issuer="高要区民政局",
    number="高民〔2026〕8号",
    valid_until=date(2027, 1, 1),
)


@pytest.fixture
def letters(office):
    office.push()
    change = update(notices).values(text=canonical(asdict(TEXT)))
    with office.database.write() as connection:
        connection.execute(change)
    return Letters(
        office.database,
        "https://zwgk.example.cn",
        reveal=lambda ids: {id: f"address {id}" for id in ids},
        leave=lambda person: f"leave {person}",
    )


def test_a_letter_says_what_was_approved_why_it_comes_and_how_to_leave(office, letters):
    office.in_audience("p1", "甲", "领域：养老服务")
    office.delivery(address=office.address("甲"))
    (row,) = office.ledger().claim("t", 1)

    letter = letters([row])[row.id]

    assert letter.title == TEXT.title
    assert "养老服务" in letter.text
    assert letter.link == "https://zwgk.example.cn/notices/p1"
    assert letter.link in letter.text
    assert (letter.key, letter.leave) == (row.provider_key, "leave 甲")
    assert letter.address == f"address {row.address}"
    assert "address" not in repr(letter)


def test_without_an_address_there_is_no_letter(office, letters):
    office.delivery()
    (row,) = office.ledger().claim("t", 1)
    assert "没有地址" in str(letters([row])[row.id])


def test_a_later_draft_is_not_what_was_approved(office, letters):
    draft = json.dumps({**asdict(TEXT), "title": "改过的题", "valid_until": None})
    change = update(notices).values(draft=draft)
    with office.database.write() as connection:
        connection.execute(change)
    office.delivery(address=office.address("甲"))
    (row,) = office.ledger().claim("t", 1)
    assert letters([row])[row.id].title == TEXT.title
