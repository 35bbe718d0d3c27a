"""What a platform keeps, as parts over one file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .account import Account
from .choices import Choices
from .codes import Codes
from .file import File
from .followers import Follower, Followers, Uses
from .ledger import Ledger
from .mass import Mass
from .outbox import Outbox
from .tags import Tags
from .tokens import Tokens

FOLLOWERS = (
    Follower("oSandbox_citizen_0000000001", "王大娘 · 群众"),
    Follower("oSandbox_clerk_000000000002", "小李 · 办事员"),
    Follower("oSandbox_business_000000003", "张老板 · 企业"),
)
"""Everybody's first followers."""


@dataclass(frozen=True, slots=True)
class World:
    """The parts; ``accounts`` by name."""

    accounts: Mapping[str, Account]
    file: File
    ledger: Ledger
    followers: Followers
    uses: Uses
    tokens: Tokens
    choices: Choices
    outbox: Outbox
    mass: Mass
    tags: Tags
    codes: Codes


def open_world(path: Path, accounts: Sequence[Account], now: float) -> World:
    """The world kept at ``path``, made there when it is missing, with a few followers for each account."""
    file = File(path)
    uses, followers = Uses(file), Followers(file)
    for account in accounts:
        followers.add(account.name, FOLLOWERS, now)
    file.commit()
    named = {account.name: account for account in accounts}
    ledger, outbox = Ledger(file), Outbox(file)
    return World(
        named,
        file,
        ledger,
        followers,
        uses,
        Tokens(file, uses),
        Choices(file),
        outbox,
        Mass(file, named, ledger, followers, uses, outbox),
        Tags(file),
        Codes(file),
    )
