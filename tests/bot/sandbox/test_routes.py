"""The phone against a webhook made with another project's crypto, over real HTTP."""

import pytest

from bot.sandbox.delivery import Exchange
from bot.sandbox.log import Log

CITIZEN, CLERK = "oSandbox_citizen_0000000001", "oSandbox_clerk_000000000002"
FAILURE = "该公众号提供的服务出现故障"


@pytest.fixture
def send(browser):
    def send(text="", account="safe", follower=CITIZEN, **fields):
        data = {"account": account, "follower": follower, "text": text, **fields}
        return browser.post("/sandbox/send", data=data).text

    return send


def last_bubble(page):
    """The last thing said on the phone."""
    talk = page.partition('id="talk"')[2].partition("<form")[0]
    return talk.rpartition("<p")[2]


@pytest.mark.parametrize("account", ["safe", "compatible", "plain"])
def test_message_reaches_the_webhook_and_its_answer_the_phone(send, webhook, account):
    page = send("你好", account=account)
    assert "收到text：你好" in page
    assert "第 1 次投递" in page
    (got,) = webhook.got
    assert got["FromUserName"] == CITIZEN
    assert got["ToUserName"].startswith("gh_")


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("voice", "低保", "收到voice：低保"),
        ("image", "", "收到image："),
        ("location", "高要区", "收到location："),
        ("file", "材料.docx", "收到file："),
        ("click", "ASK", "收到event：ASK"),
        ("scan", "street", "收到event：street"),
        ("subscribe", "street", "收到event：qrscene_street"),
    ],
)
def test_every_gesture_goes_through(send, kind, text, answer):
    assert answer in send(text, kind=kind)


def test_tapped_line_sends_its_content_with_its_menu_id(send, webhook):
    page = send("菜单")
    assert 'name="tap" value="2:低保 标准">1. 低保</button>' in page
    assert 'href="http://127.0.0.1:9/faq/a-1"' in page
    send(tap="2:低保 标准")
    assert webhook.got[-1]["Content"] == "低保 标准"
    assert webhook.got[-1]["bizmsgmenuid"] == "2"


def test_slow_answer_is_asked_for_again_with_the_same_message(send, webhook):
    page = send("前两次慢")
    assert "收到text：前两次慢" in page
    assert "第 3 次投递" in page
    assert len(webhook.got) == 3
    assert len({got["MsgId"] for got in webhook.got}) == 1


@pytest.mark.parametrize("words", ["慢", "坏"])
def test_after_three_deliveries_the_failure_is_shown(send, webhook, words):
    page = send(words, follower=CLERK)
    assert FAILURE in last_bubble(page)
    assert len(webhook.got) == 3


@pytest.mark.parametrize(
    ("words", "reason"),
    [("网页", "回复却是 JSON"), ("明文", "安全模式下回复必须加密"), ("超长", "有 2100 字节")],
)
def test_unacceptable_reply_is_shown_as_failure_with_the_reason(send, webhook, words, reason):
    page = send(words, follower=CLERK)
    assert FAILURE in last_bubble(page)
    assert reason in page.split('class="exchange"')[1]
    assert len(webhook.got) == 1


def test_silence_shows_nothing(send):
    page = send("沉默", account="plain", follower=CLERK)
    assert "沉默" in last_bubble(page)
    assert 'class="fault"' not in page.split('class="exchange"')[1]


def deliver_again(browser, page):
    number = page.partition('name="number" value="')[2].partition('"')[0]
    data = {"account": "safe", "follower": CITIZEN, "number": number}
    return browser.post("/sandbox/again", data=data).text


def test_same_message_can_be_delivered_again_by_hand(browser, send, webhook):
    page = deliver_again(browser, send("再来"))
    assert "第 2 次投递（手动重发）" in page
    assert webhook.got[0] == webhook.got[1]


def test_another_answer_to_the_same_message_is_found_out(browser, send):
    page = deliver_again(browser, send("健忘"))
    assert "去重没有起作用" in page
    assert "第 1 次</p>" in page


def test_address_is_verified_and_a_dressed_up_echo_noticed(browser):
    data = {"account": "safe", "follower": CITIZEN}
    assert "应当原样返回 echostr" not in browser.post("/sandbox/verify", data=data).text
    data["account"] = "plain"
    assert "应当原样返回 echostr" in browser.post("/sandbox/verify", data=data).text


def test_who_unfollowed_cannot_write_until_following_again(send, webhook):
    send(account="compatible", kind="unsubscribe")
    page = send("在吗", account="compatible")
    assert "请先点“关注”" in page
    assert len(webhook.got) == 1
    send(account="compatible", kind="subscribe")
    assert "收到text：在吗" in send("在吗", account="compatible")


def test_followers_and_accounts_have_talks_of_their_own(browser, send):
    send("只有群众看得到")
    for query in ({"follower": CLERK}, {"account": "plain", "follower": CITIZEN}):
        assert "只有群众看得到" not in browser.get("/sandbox", params=query).text
    assert "只有群众看得到" in browser.get("/sandbox", params={"follower": CITIZEN}).text


def test_words_are_shown_as_text_never_as_markup(send):
    page = send("<script>alert(1)</script>")
    assert "<script>alert" not in page


def test_empty_message_and_forgotten_number_are_said_so(browser, send):
    assert "文字没有内容" in send("  ")
    data = {"account": "safe", "follower": CITIZEN, "number": "999999"}
    assert "已经不在记录里" in browser.post("/sandbox/again", data=data).text


def test_other_sites_cannot_make_it_send(browser, webhook):
    data = {"account": "safe", "follower": CITIZEN, "text": "外来"}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post("/sandbox/send", data=data, headers=headers).status_code == 403
    assert not webhook.got


def test_page_holds_nothing_inline_and_its_files_are_there(browser):
    page = browser.get("/sandbox")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "style=" not in page.text
    for name in ("sandbox.css", "sandbox.js", "icon.svg"):
        address = page.text.partition(f"/sandbox/assets/{name}")[2].partition('"')[0]
        assert browser.get(f"/sandbox/assets/{name}{address}").status_code == 200


def test_log_forgets_the_oldest():
    log = Log(most=2)
    for number in (1, 2, 3):
        log.put(Exchange(number, "a", "o", None, ""))
    assert [kept.id for kept in log.of("a", "o")] == [2, 3]
    assert log.get(1) is None
