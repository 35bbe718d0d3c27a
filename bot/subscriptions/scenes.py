"""QR codes that subscribe: each has a key that the platform tells us when it is scanned (scene_str)."""

import secrets

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from bot.storage.schema import scenes

from .model import Kind, Scene, Topic

_PREFIX = "sub-"
"""The platform takes 1 to 64 characters (账号管理/生成带参数的二维码); ours are small letters and digits."""


def create(connection: Connection, topic: Topic, label: str, area: str | None, now: int) -> Scene:
    """A new code for a topic, with a key of its own."""
    scene = Scene(_PREFIX + secrets.token_hex(4), topic, label, area)
    values = {"key": scene.key, "kind": topic.kind.value, "value": topic.value, "area": area}
    connection.execute(insert(scenes).values(**values, label=label, created_at=now))
    return scene


def listed(connection: Connection, *where: ColumnElement[bool]) -> list[Scene]:
    """The codes that are so, oldest first; all where nothing is said."""
    query = select(scenes).where(*where).order_by(scenes.c.created_at, scenes.c.key)
    return [
        Scene(row.key, Topic(Kind(row.kind), row.value), row.label, row.area)
        for row in connection.execute(query)
    ]


def remove(connection: Connection, key: str) -> bool:
    """Let a code subscribe nobody any more; ``False`` for an unknown one. Who subscribed by it stays."""
    return connection.execute(delete(scenes).where(scenes.c.key == key)).rowcount == 1
