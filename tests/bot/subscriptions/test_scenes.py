import re
from collections.abc import Mapping
from typing import Any

from bot.storage.database import Database
from bot.subscriptions import scenes
from bot.subscriptions.model import Kind, Topic
from bot.subscriptions.repository import read_scene

ELDERS = Topic(Kind.SECTOR, "养老服务")


def test_a_code_is_made_read_listed_and_removed(database: Database) -> None:
    with database.write() as connection:
        one = scenes.create(connection, ELDERS, "南岸街道", "441204", 1)
        two = scenes.create(connection, Topic(Kind.GROUP, "农户"), "村口", None, 2)
    assert re.fullmatch(r"[a-z0-9-]{1,64}", one.key)
    assert one.key != two.key

    with database.read() as connection:
        assert scenes.listed(connection) == [one, two]
    with database.statements(writing=False) as statements:
        assert read_scene(statements, one.key) == one
    with database.write() as connection:
        assert scenes.remove(connection, one.key)
        assert not scenes.remove(connection, one.key)
    with database.statements(writing=False) as statements:
        assert read_scene(statements, one.key) is None


def test_the_platform_is_asked_for_a_permanent_code() -> None:
    asked: list[tuple[str, Mapping[str, Any]]] = []

    def post(path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.append((path, body))
        return {"ticket": "t", "url": "http://weixin.qq.com/q/x"}

    assert scenes.permanent_link(post, "sub-1") == "http://weixin.qq.com/q/x"
    ((path, body),) = asked
    assert path == "/cgi-bin/qrcode/create"
    assert body["action_name"] == "QR_LIMIT_STR_SCENE"
    assert body["action_info"] == {"scene": {"scene_str": "sub-1"}}
