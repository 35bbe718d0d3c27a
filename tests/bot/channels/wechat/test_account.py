"""What is set up in an account: tags, codes and the menu."""

import pytest

from bot.channels.wechat import tags
from bot.channels.wechat.client import Platform
from bot.channels.wechat.menu import Button, MenuRefused, set_menu
from bot.channels.wechat.qr import SceneRefused, permanent
from tests.fixtures.platform import Server


def test_a_tag_comes_to_be_worn_by_exactly_those_named(platform: Platform, server: Server) -> None:
    people = {f"o-{number:03}" for number in range(130)}
    server.followers |= people
    synced = tags.sync(platform, "高龄津贴", people)
    assert (synced.added, synced.removed, synced.strangers) == (130, 0, frozenset())
    assert server.wearers[synced.tag] == people

    fewer = (people - {"o-000", "o-001"}) | {"o-anna"}
    again = tags.sync(platform, "高龄津贴", fewer)
    assert again == tags.Synced(synced.tag, added=1, removed=2)
    assert server.wearers[synced.tag] == fewer
    assert set(tags.wearers(platform, synced.tag)) == fewer


def test_who_left_does_not_keep_the_others_from_their_tag(
    platform: Platform, server: Server
) -> None:
    people = {f"o-{number:03}" for number in range(60)}
    server.followers |= people
    synced = tags.sync(platform, "低保", people | {"o-left", "o-gone"})
    assert (synced.added, synced.strangers) == (60, {"o-left", "o-gone"})
    assert server.wearers[synced.tag] == people


def test_a_tag_with_too_long_a_name_or_one_too_many_is_refused(
    platform: Platform, server: Server
) -> None:
    with pytest.raises(tags.TagRefused, match="10 个汉字"):
        tags.sync(platform, "城乡居民基本医疗保险参保", ["o-anna"])
    server.tags |= {number: f"标签{number}" for number in range(100, 199)}
    with pytest.raises(tags.TagRefused, match="100 个标签"):
        tags.sync(platform, "低保", ["o-anna"])


def test_a_code_of_a_scene(platform: Platform, server: Server) -> None:
    ticket = permanent(platform, "g.elderly")
    assert ticket.url == "http://weixin.qq.com/q/g.elderly"
    assert ticket.image.endswith("showqrcode?ticket=gQ%2B%2F%3D%3Dg.elderly")


@pytest.mark.parametrize("scene", ["", "s" * 65])
def test_a_scene_that_does_not_fit_is_refused(
    platform: Platform, server: Server, scene: str
) -> None:
    with pytest.raises(SceneRefused):
        permanent(platform, scene)
    assert not server.calls


def test_the_menu_is_set(platform: Platform, server: Server) -> None:
    lines = (Button("我的订阅", key="我的订阅"), Button("查目录", url="https://zwgk.example.cn/"))
    set_menu(platform, [Button("订阅", lines=lines), Button("帮助", key="help")])
    assert server.sent("/cgi-bin/menu/create") == [
        {
            "button": [
                {
                    "name": "订阅",
                    "sub_button": [
                        {"type": "click", "name": "我的订阅", "key": "我的订阅"},
                        {"type": "view", "name": "查目录", "url": "https://zwgk.example.cn/"},
                    ],
                },
                {"type": "click", "name": "帮助", "key": "help"},
            ]
        }
    ]


@pytest.mark.parametrize(
    "buttons",
    [
        [],
        [Button("一", key="1")] * 4,
        [Button("名称太长了吧", key="1")],
        [Button("无")],
        [Button("两样", key="1", url="https://zwgk.example.cn/")],
        [Button("六行", lines=(Button("行", key="1"),) * 6)],
        [Button("三级", lines=(Button("行", lines=(Button("行", key="1"),)),))],
        [Button("长", key="键" * 43)],
    ],
)
def test_a_menu_that_the_platform_would_not_take_is_refused(
    platform: Platform, server: Server, buttons: list[Button]
) -> None:
    with pytest.raises(MenuRefused):
        set_menu(platform, buttons)
    assert not server.calls
