"""What is pushed reads back the same in another project's parser."""

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from werobot.parser import parse_user_msg, parse_xml

from bot.sandbox.messages import NAMES, Gesture, UnknownGesture, gesture, push_xml


def pushed(done):
    return push_xml(done, account_id="gh_1", openid="o1", created=1_760_000_000, msg_id=2**62)


@pytest.mark.parametrize("kind", sorted(set(NAMES) - {"file"}))
def test_every_gesture_is_known_to_another_parser(kind):
    assert parse_user_msg(pushed(Gesture(kind, "话"))).type != "unknown"


@given(st.text(st.characters(min_codepoint=0x20, blacklist_categories=("Cs",)), min_size=1))
def test_words_arrive_as_typed(words):
    typed = words.replace("\ufffe", "").replace("\uffff", "") or "x"
    xml = pushed(Gesture("text", typed, "3"))
    fields = xmltodict.parse(xml, strip_whitespace=False)["xml"]
    assert fields["Content"] == typed
    assert fields["bizmsgmenuid"] == "3"
    assert fields["MsgId"] == str(2**62)


def test_control_characters_pass_as_on_the_platform():
    assert "\x0b" in pushed(Gesture("text", "a\x0bb"))


def test_events_have_no_message_id_and_scenes_come_as_documented():
    scanned = parse_xml(pushed(Gesture("subscribe", "street-01")))
    assert scanned["EventKey"] == "qrscene_street-01"
    assert "MsgId" not in scanned
    assert parse_xml(pushed(Gesture("scan", "street-01")))["EventKey"] == "street-01"
    assert not parse_xml(pushed(Gesture("subscribe")))["EventKey"]


@pytest.mark.parametrize(
    ("kind", "text"), [("dance", "x"), ("text", ""), ("scan", ""), ("text", "x" * 10_001)]
)
def test_gestures_that_cannot_be_are_refused(kind, text):
    with pytest.raises(UnknownGesture):
        gesture(kind, text)
