"""Every rule of the table, broken over HTTP: the platform's code; and nothing refused is received."""

from collections.abc import Callable

import pytest

from bot.sandbox.file import File
from bot.sandbox.rules import rule, rules

from .conftest import CITIZEN, CLERK, DATA, LONG, ONCE, SUBSCRIPTION, TEMPLATE, Platform

Broken = Callable[[Platform], dict]
CASES: dict[str, Broken] = {}


def breaks(name: str) -> Callable[[Broken], Broken]:
    def keep(broken: Broken) -> Broken:
        CASES[name] = broken
        return broken

    return keep


def send(platform: Platform, token: str) -> dict:
    path = "/cgi-bin/message/custom/send"
    return platform.http.post(path, params={"access_token": token}, json={}).json()


def message(kind: str, **content) -> dict:
    return {"msgtype": kind, kind: content}


CASES |= {
    "token_missing": lambda p: p.http.get("/cgi-bin/user/get").json(),
    "token_wrong": lambda p: send(p, "nobody-gave-this"),
    "token_grant": lambda p: p.stable(grant_type="password"),
    "token_app_id": lambda p: p.stable(appid="wxunknown"),
    "token_secret_missing": lambda p: p.stable(secret=""),
    "token_secret": lambda p: p.stable(secret="wrong"),
    "get_required": lambda p: p.post("cgi-bin/user/get"),
    "post_required": lambda p: p.get("cgi-bin/message/custom/send"),
    "parameter": lambda p: p.custom(urll="http://127.0.0.1/"),
    "openid": lambda p: p.notice("oNobody"),
    "permission": lambda p: p.as_(SUBSCRIPTION).notice(),
    "consent": lambda p: p.notice(),
    "template": lambda p: p.template(template_id=LONG),
    "template_data": lambda p: p.notice(data=DATA[LONG] | {"thing1": {"value": "字" * 21}}),
    "template_key_characters": lambda p: p.template(key="k" * 33),
    "page": lambda p: p.notice(page="pages/index"),
    "custom_type": lambda p: p.post(
        "cgi-bin/message/custom/send", touser=CITIZEN, msgtype="hologram"
    ),
    "custom_window": lambda p: p.custom(),
    "text_bytes": lambda p: p.custom(content="政" * 683),
    "media": lambda p: p.post(
        "cgi-bin/message/mass/sendall",
        filter={"is_to_all": True},
        **message("mpnews", media_id="unknown"),
    ),
    "mass_type": lambda p: p.mass(msgtype="hologram"),
    "mass_most": lambda p: p.mass_to(["o"] * 10_001),
    "mass_fewest": lambda p: p.mass_to([CITIZEN]),
    "mass_key_bytes": lambda p: p.mass(clientmsgid="k" * 65),
    "mass_id": lambda p: p.post("cgi-bin/message/mass/get", msg_id="7"),
    "tag_name_bytes": lambda p: p.tag("养老服务和社会救助对象人"),
    "tag_reserved": lambda p: p.post("cgi-bin/tags/delete", tag={"id": 2}),
    "tag_id": lambda p: p.post("cgi-bin/tags/delete", tag={"id": 777}),
    "code_action": lambda p: p.post(
        "cgi-bin/qrcode/create", action_name="QR", action_info={"scene": {}}
    ),
    "code_scene": lambda p: code(p, "QR_LIMIT_STR_SCENE", scene_str="x" * 65),
    "code_scene_id": lambda p: code(p, "QR_LIMIT_SCENE", scene_id=100_001),
    "code_seconds": lambda p: code(p, "QR_STR_SCENE", 2_592_001, scene_str="x"),
    "menu_buttons": lambda p: menu(p, *[view("政策")] * 4),
    "menu_sub_buttons": lambda p: menu(p, {"name": "政策", "sub_button": [view("一")] * 6}),
    "menu_name_bytes": lambda p: menu(p, view("政策直通车啊")),
    "menu_sub_name_bytes": lambda p: menu(p, {"name": "政策", "sub_button": [view("长" * 21)]}),
    "menu_type": lambda p: menu(p, {"name": "政策", "type": "dance"}),
    "menu_key_bytes": lambda p: menu(p, {"name": "政策", "type": "click", "key": "k" * 129}),
    "menu_url_bytes": lambda p: menu(p, view("政策", "pages/index")),
    "menu_missing": lambda p: p.get("cgi-bin/menu/get"),
    "users_batch": lambda p: p.post(
        "cgi-bin/user/info/batchget", user_list=[{"openid": CITIZEN}] * 101
    ),
}


def code(platform: Platform, action: str, seconds: int = 60, **scene) -> dict:
    return platform.post(
        "cgi-bin/qrcode/create",
        action_name=action,
        action_info={"scene": scene},
        expire_seconds=seconds,
    )


def view(name: str, url: str = "http://127.0.0.1/") -> dict:
    return {"name": name, "type": "view", "url": url}


def menu(platform: Platform, *buttons: dict) -> dict:
    return platform.post("cgi-bin/menu/create", button=list(buttons))


@breaks("token_expired")
def token_is_over(platform: Platform) -> dict:
    token = platform.token()
    platform.clock.forward(7200)
    return send(platform, token)


@breaks("token_force_day")
def forced_too_often(platform: Platform) -> dict:
    platform.use_up("token_force_day")
    return platform.stable(force_refresh=True)


@breaks("token_stable_minute")
def fetched_too_often(platform: Platform) -> dict:
    platform.use_up("token_stable_minute")
    return platform.stable()


@breaks("token_plain_day")
def fetched_the_old_way_too_often(platform: Platform) -> dict:
    platform.use_up("token_plain_day")
    query = {
        "grant_type": "client_credential",
        "appid": platform.account.app_id,
        "secret": "secret-a",
    }
    return platform.http.get("/cgi-bin/token", params=query).json()


@breaks("address")
def from_an_address_that_is_not_listed(platform: Platform) -> dict:
    platform.choose("addresses", ["203.0.113.7"])
    return platform.stable()


@breaks("body")
def no_json(platform: Platform) -> dict:
    params = {"access_token": platform.token()}
    return platform.http.post("/cgi-bin/tags/create", params=params, content=b"{").json()


@breaks("follower")
def who_left(platform: Platform) -> dict:
    platform.tap("unsubscribe")
    return platform.notice()


@breaks("blacklist")
def who_is_barred(platform: Platform) -> dict:
    platform.alter(lambda followers: followers.bar("fuwu", CITIZEN, "black"))
    return platform.notice()


@breaks("template_repeated")
def same_key(platform: Platform) -> dict:
    platform.template(key="k1")
    return platform.template(key="k1")


@breaks("template_day")
def templates_used_up(platform: Platform) -> dict:
    platform.use_up("template_day")
    return platform.template()


@breaks("custom_left")
def six_after_one_message(platform: Platform) -> dict:
    platform.tap("text", "你好")
    assert [platform.custom()["errcode"] for _ in range(5)] == [0] * 5
    return platform.custom()


@breaks("custom_taps_left")
def four_after_one_tap(platform: Platform) -> dict:
    platform.tap("click", "help")
    assert [platform.custom()["errcode"] for _ in range(3)] == [0] * 3
    return platform.custom()


@breaks("custom_taps_window")
def a_minute_after_a_tap(platform: Platform) -> dict:
    platform.tap("click", "help")
    platform.clock.forward(61)
    return platform.custom()


@breaks("custom_day")
def custom_used_up(platform: Platform) -> dict:
    platform.use_up("custom_day")
    platform.tap("text", "你好")
    return platform.custom()


@breaks("articles")
def two_articles(platform: Platform) -> dict:
    platform.tap("text", "你好")
    article = {"title": "政策", "url": "http://127.0.0.1/"}
    return platform.post(
        "cgi-bin/message/custom/send",
        touser=CITIZEN,
        **message("news", articles=[article, article]),
    )


@breaks("mass_repeated")
def same_job(platform: Platform) -> dict:
    first = platform.mass(clientmsgid="push-1")
    again = platform.mass(clientmsgid="push-1")
    assert again["msg_id"] == first["msg_id"]
    return again


@breaks("mass_repeated_fast")
def same_job_on_and_on(platform: Platform) -> dict:
    platform.mass(clientmsgid="push-1")
    platform.clock.forward(1)
    platform.mass(clientmsgid="push-1")
    return platform.mass(clientmsgid="push-1")


@breaks("mass_minute")
def mass_too_fast(platform: Platform) -> dict:
    platform.use_up("mass_minute")
    return platform.mass()


@breaks("mass_day")
def mass_used_up(platform: Platform) -> dict:
    platform.use_up("mass_day")
    return platform.mass_to([CITIZEN, CLERK])


@breaks("mass_all_day")
def twice_to_all(platform: Platform) -> dict:
    platform.mass()
    return platform.mass(text={"content": "另一条"})


@breaks("mass_subscription_day")
def twice_a_day_by_a_subscription_account(platform: Platform) -> dict:
    other = platform.as_(SUBSCRIPTION)
    other.mass()
    return other.mass(text={"content": "另一条"})


@breaks("mass_preview_day")
def previews_used_up(platform: Platform) -> dict:
    platform.use_up("mass_preview_day")
    return platform.post(
        "cgi-bin/message/mass/preview", touser=CITIZEN, **message("text", content="预览")
    )


@breaks("tags_most")
def tag_101(platform: Platform) -> dict:
    assert all("tag" in platform.tag(f"标签{n}") for n in range(100))
    return platform.tag()


@breaks("tag_name")
def two_tags_of_one_name(platform: Platform) -> dict:
    platform.tag()
    return platform.tag()


@breaks("tag_openids")
def tagging_51(platform: Platform) -> dict:
    tag = platform.tag()["tag"]["id"]
    openids = platform.many(51)
    return platform.post("cgi-bin/tags/members/batchtagging", tagid=tag, openid_list=openids)


@breaks("tags_per_person")
def tag_21_for_one(platform: Platform) -> dict:
    answer: dict = {}
    for n in range(21):
        tag = platform.tag(f"标签{n}")["tag"]["id"]
        answer = platform.post(
            "cgi-bin/tags/members/batchtagging", tagid=tag, openid_list=[CITIZEN]
        )
    return answer


@breaks("tag_big")
def deleting_a_tag_that_many_have(platform: Platform) -> dict:
    tag = platform.tag()["tag"]["id"]
    put_into(platform, "tagged", [("fuwu", tag, f"o{n}") for n in range(100_001)])
    return platform.post("cgi-bin/tags/delete", tag={"id": tag})


@breaks("codes_permanent")
def code_100_001(platform: Platform) -> dict:
    put_into(platform, "codes", [(f"t{n}", "fuwu", f"s{n}", None, 0) for n in range(100_000)])
    return code(platform, "QR_LIMIT_STR_SCENE", scene_str="street-01")


@breaks("code_day")
def codes_used_up(platform: Platform) -> dict:
    platform.use_up("code_day")
    return code(platform, "QR_STR_SCENE", scene_str="street-01")


@breaks("users_day")
def lists_used_up(platform: Platform) -> dict:
    platform.use_up("users_day")
    return platform.get("cgi-bin/user/get")


@breaks("clear_month")
def cleared_too_often(platform: Platform) -> dict:
    platform.use_up("clear_month")
    return platform.post("cgi-bin/clear_quota", appid=platform.account.app_id)


def put_into(platform: Platform, table: str, rows: list[tuple]) -> None:
    file = File(platform.path)
    file.write_many(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    file.close()


@pytest.mark.parametrize("name", sorted(CASES))
def test_breaking_a_rule_gives_its_code_and_words(platform, name):
    answer = CASES[name](platform)
    assert answer["errcode"] == rule(name).code, answer
    assert answer["errmsg"].startswith(rule(name).message)
    assert " rid: " in answer["errmsg"]


def test_every_rule_with_a_code_is_broken_somewhere():
    assert set(CASES) == {name for name, one in rules().items() if one.code}


def test_every_rule_names_its_source():
    assert all(one.source.startswith("https://") for one in rules().values())


@pytest.mark.parametrize(
    "refused",
    [
        lambda p: p.notice(),
        lambda p: p.notice(data={}),
        lambda p: p.template(openid="oNobody"),
        lambda p: p.custom(),
        lambda p: p.mass(msgtype="hologram"),
        lambda p: p.template(data=DATA[TEMPLATE] | {"thing9": {"value": "多余"}}),
        lambda p: p.notice(template=ONCE, data=DATA[ONCE], touser=CLERK),
    ],
)
def test_what_is_refused_is_not_received(platform, refused):
    assert refused(platform)["errcode"] != 0
    assert platform.ledger.received() == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", ""),
        ("thing2", "字" * 21),
        ("date3", "昨天"),
        ("date3", "2026年11月"),
    ],
)
def test_a_bad_field_is_named(platform, key, value):
    answer = platform.notice(data=DATA[LONG] | {key: {"value": value}})
    assert answer["errcode"] == 47003
    assert f"data.{key}.value" in answer["errmsg"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "字" * 20),
        ("date3", "2026-11-21"),
        ("date3", "2026年1月1日 09:05"),
    ],
)
def test_a_field_at_its_limit_is_taken(platform, key, value):
    platform.tap("allow", LONG)
    assert platform.notice(data=DATA[LONG] | {key: {"value": value}})["errcode"] == 0


def test_unknown_paths_are_not_there(platform):
    params = {"access_token": platform.token()}
    assert platform.http.post("/cgi-bin/nothing", params=params, json={}).status_code == 404
