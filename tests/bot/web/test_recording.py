"""What is told of a question once its answer is on its way."""

import pytest

CARD = {"Accept": "text/html"}
ASKED = {"question": "标准目录由谁来编制？", "area": "441204"}


WAYS = (
    lambda c, **more: c.get("/api/ask", params=ASKED | more),
    lambda c, **more: c.post("/api/ask", json=ASKED | more),
    lambda c, **more: c.post("/api/ask", json=ASKED | more, headers=CARD),
    lambda c, **more: c.get("/", params={"q": ASKED["question"], "area": "441204", **more}),
)


@pytest.mark.parametrize("ask", WAYS)
def test_a_question_is_told_with_its_answer(client, told, ask):
    ask(client)

    assert told == [("标准目录由谁来编制？", "441204", "answer")]


@pytest.mark.parametrize("ask", WAYS)
def test_a_tap_is_not(client, told, ask):
    assert ask(client, tapped=True).status_code == 200
    assert told == []


def test_what_looks_at_links_and_what_is_refused_are_not(client, told):
    client.head("/", params={"q": "编制"})
    client.get("/api/ask", params={"question": ""})
    client.post("/api/ask", json={"question": "问", "area": "不存在县"})
    client.get("/")

    assert told == []


def test_every_offered_question_says_that_it_is_tapped(client):
    page = client.get("/", params={"q": "时限", "area": "441204"}).text

    offered = [line for line in page.splitlines() if "data-ask" in line]
    assert len(offered) > 3
    assert all("tapped=1" in line for line in offered)


def test_every_page_says_what_is_kept(client):
    for address in ("/", "/faq/guangdong-2020-notice-1"):
        assert "保存 400 天" in client.get(address).text
