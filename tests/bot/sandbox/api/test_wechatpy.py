"""Another project's client (wechatpy) against the strict platform: nobody here wrote both sides."""

import pytest
from wechatpy import parse_message
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from .conftest import CITIZEN, CLERK, DATA, LONG, TEMPLATE


@pytest.fixture
def client(platform):
    class Client(WeChatClient):
        API_BASE_URL = f"{platform.http.base_url}".rstrip("/") + "/cgi-bin/"

        @property
        def access_token(self):
            return platform.token()

    client = Client(platform.account.app_id, platform.account.app_secret, auto_retry=False)
    yield client
    client._http.close()


def test_template_and_its_receipt(platform, client, webhook):
    sent = client.message.send_template(CITIZEN, TEMPLATE, DATA[TEMPLATE], url="http://127.0.0.1/")
    platform.told(webhook)
    event = parse_message(webhook.bodies[0])
    assert (event.event, event.id, event.status) == (
        "templatesendjobfinish",
        sent["msgid"],
        "success",
    )


def test_notice_only_after_consent(platform, client):
    with pytest.raises(WeChatClientException) as refused:
        client.message.send_subscribe_message(CITIZEN, LONG, DATA[LONG])
    assert refused.value.errcode == 43101
    platform.tap("allow", LONG)
    assert client.message.send_subscribe_message(CITIZEN, LONG, DATA[LONG])["errcode"] == 0


def test_custom_message_after_a_word(platform, client):
    platform.tap("text", "你好")
    assert client.message.send_text(CITIZEN, "您好")["errcode"] == 0


def test_mass_text_and_its_totals(platform, client, webhook):
    job = client.message.send_mass_text([CITIZEN, CLERK], "通知")
    platform.told(webhook)
    event = parse_message(webhook.bodies[0])
    assert (event.id, event.total_count, event.sent_count) == (job["msg_id"], 2, 2)
    assert client.message.get_mass(job["msg_id"])["msg_status"] == "SEND_SUCCESS"


def test_tags_menu_code_and_users(platform, client):
    tag = client.tag.create("养老")
    client.tag.tag_user(tag["id"], [CITIZEN])
    assert client.tag.get_user_tag(CITIZEN) == [tag["id"]]
    client.menu.create({"button": [{"name": "政策", "type": "click", "key": "ask"}]})
    assert client.menu.get()["menu"]["button"][0]["key"] == "ask"
    scene = {"scene": {"scene_str": "street-01"}}
    code = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene}
    assert client.qrcode.create(code)["ticket"]
    assert client.user.get(CITIZEN)["subscribe"] == 1
    assert CITIZEN in client.user.get_followers()["data"]["openid"]
