"""Delivers what the platform owes the account, in the background, and moves 群发 on."""

import asyncio
import secrets
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlencode

from .delivery import PATIENCE
from .file import Now
from .outbox import Due
from .platform import seal
from .posting import Broken, Poster
from .world import World

AT_ONCE = 32
PAUSE = 0.05


class Sender:
    """Tells the webhook at ``base_url`` of what happened. Where there is none, events wait in the outbox."""

    def __init__(self, world: World, base_url: str, now: Now, patience: float = PATIENCE) -> None:
        self._world = world
        self._base_url = base_url.rstrip("/")
        self._now = now
        self._poster = Poster(patience)

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                self._world.mass.step(self._now())
                await self._world.file.settled()
                events = self._world.outbox.due(self._now(), AT_ONCE) if self._base_url else []
                await self.deliver(events)
                if len(events) < AT_ONCE:
                    await asyncio.sleep(PAUSE)
        finally:
            self._poster.close()

    async def deliver(self, events: Iterable[Due]) -> None:
        """Deliver events now, all at once."""
        await asyncio.gather(*(self._deliver(event) for event in events))
        await self._world.file.settled()

    async def _deliver(self, event: Due) -> None:
        url, content, kind = self._letter(event)
        try:
            status = await self._poster.post(url, content.encode(), kind)
        except (OSError, TimeoutError, Broken) as error:
            self._world.outbox.told(event, type(error).__name__, self._now(), taken=False)
            return
        self._world.outbox.told(event, f"HTTP {status}", self._now(), taken=status == HTTPStatus.OK)

    def _letter(self, event: Due) -> tuple[str, str, str]:
        """Where an event goes, what goes there, and of which type that is."""
        account = self._world.accounts.get(event.account)
        if account is None:
            address = self._world.choices.get(event.account, "callback", "")
            return address, event.body, "application/json; charset=utf-8"
        parcel = seal(
            event.body,
            account,
            openid=event.openid,
            timestamp=str(int(self._now())),
            nonce=str(secrets.randbelow(10**10)),
            random16=secrets.token_bytes(16),
        )
        url = f"{self._base_url}/wechat/{account.name}?{urlencode(dict(parcel.query))}"
        return url, parcel.body, "text/xml"
