"""QR codes that subscribe and their posters, as the office keeps them."""

from collections.abc import Callable, Mapping, Sequence

from PIL import Image

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.schema import scenes as table
from bot.storage.scope import within

from . import scenes
from .model import Scene, Topic
from .poster import PosterRefused, draw, find_font, poster_for

_LONGEST_LABEL = 60

LinkOf = Callable[[str, str], str]
"""What the platform wants in the QR code of an account and a scene; raises ``Refused``."""


class Posters:
    """``accounts``: official accounts by name, and whether their followers must send a word (订阅号)."""

    def __init__(
        self, database: Database, clock: Clock, accounts: Mapping[str, bool], link_of: LinkOf
    ) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._link_of = link_of

    @property
    def accounts(self) -> tuple[str, ...]:
        """Official accounts that a poster can be for."""
        return tuple(self._accounts)

    def all(self, areas: Sequence[str] = ()) -> list[Scene]:
        """The codes of some areas and all below them (none: all), and those of no area."""
        with self._database.read() as connection:
            ours = within(table.c.area, areas) | table.c.area.is_(None)
            return scenes.listed(connection, ours)

    def find(self, key: str) -> Scene:
        """The code of a key; raises ``PosterRefused``."""
        with self._database.read() as connection:
            found = scenes.listed(connection, table.c.key == key)
        if not found:
            raise PosterRefused("没有这个二维码，可能已经停用。")
        return found[0]

    def add(self, topic: Topic, label: str, area: str | None) -> Scene:
        """A new code; raises ``PosterRefused`` where it does not say what for."""
        label = " ".join(label.split())
        if not label or len(label) > _LONGEST_LABEL:
            raise PosterRefused(f"请写明贴在哪里、做什么用，最多 {_LONGEST_LABEL} 个字。")
        now = int(self._clock().timestamp())
        with self._database.write() as connection:
            return scenes.create(connection, topic, label, area, now)

    def remove(self, key: str) -> None:
        """Let a code subscribe nobody any more. Raises ``PosterRefused``."""
        with self._database.write() as connection:
            if not scenes.remove(connection, key):
                raise PosterRefused("没有这个二维码，可能已经停用。")

    def draw(self, scene: Scene, office: str, account: str = "", link: str = "") -> Image.Image:
        """The poster of a code; without a ``link`` the platform is asked for one. Raises ``Refused``."""
        office = " ".join(office.split())
        if not office:
            raise PosterRefused("请写明落款的单位。")
        if account not in self._accounts and account:
            raise PosterRefused("没有设置这个公众号。")
        by_word = self._accounts.get(account, False)
        if account and not by_word and not link:
            link = self._link_of(account, scene.key)
        return draw(poster_for(scene, office, link, by_word=by_word), find_font())
