"""An official account as the webhook needs it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.settings import AccountKind, Mode, WeChatSettings

from .crypto import Cipher


@dataclass(frozen=True, slots=True)
class Account:
    """One account: where it is served, how it signs and encrypts, whose it is.

    ``cipher`` is ``None`` in plain mode; ``area`` is the code of the account's own area.
    """

    name: str
    app_id: str
    token: str = field(repr=False)
    mode: Mode
    kind: AccountKind
    area: str | None
    cipher: Cipher | None = field(repr=False)


def accounts_from(settings: Iterable[WeChatSettings]) -> Mapping[str, Account]:
    """The accounts by name, made of checked settings."""
    return {each.name: _account(each) for each in settings}


def _account(settings: WeChatSettings) -> Account:
    key = settings.encoding_aes_key.get_secret_value()
    encrypts = settings.mode is not Mode.PLAIN
    return Account(
        name=settings.name,
        app_id=settings.app_id,
        token=settings.token.get_secret_value(),
        mode=settings.mode,
        kind=settings.kind,
        area=settings.area,
        cipher=Cipher(key, settings.app_id) if encrypts else None,
    )
