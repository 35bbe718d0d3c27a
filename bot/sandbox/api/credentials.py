"""Access tokens: the only calls that need none."""

from collections.abc import Mapping
from typing import Any

from ..account import Account
from ..rules import Denied
from ..world import World
from .call import Answer, known_only


def stable(world: World, body: Mapping[str, Any], now: float) -> Answer:
    """The stable token of the account that the body names."""
    known_only(body, ("grant_type", "appid", "secret", "force_refresh"))
    force = body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise Denied("parameter", "force_refresh")
    account = _account(world, body)
    given = world.tokens.stable(account.name, now, force=force)
    return {"access_token": given.token, "expires_in": given.seconds}


def plain(world: World, query: Mapping[str, str], now: float) -> Answer:
    """A token by the old interface."""
    account = _account(world, query)
    given = world.tokens.plain(account.name, now)
    return {"access_token": given.token, "expires_in": given.seconds}


def check_address(world: World, account: Account, address: str) -> None:
    """Refuse addresses that the account's administrator did not allow; at first all are."""
    allowed = world.choices.get(account.name, "addresses", None)
    if allowed is not None and address not in allowed:
        raise Denied("address", f"{address} ipv6 ::ffff:{address}, not in whitelist")


def named(world: World, given: Mapping[str, Any]) -> Account | None:
    """The account whose AppID is given."""
    found = (a for a in world.accounts.values() if a.app_id == given.get("appid"))
    return next(found, None)


def _account(world: World, given: Mapping[str, Any]) -> Account:
    if given.get("grant_type") != "client_credential":
        raise Denied("token_grant")
    account = named(world, given)
    if account is None:
        raise Denied("token_app_id")
    if not given.get("secret"):
        raise Denied("token_secret_missing")
    if not account.app_secret or given["secret"] != account.app_secret:
        raise Denied("token_secret")
    return account
