import re

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
