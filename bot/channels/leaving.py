"""The address at which one tap ends a subscription: signed by the vault, good for ever, and it names nobody.

Old mails are tapped years later, so it has no end; RFC 8058 wants the tap to work without a login.
"""

import hmac

from bot.storage.vault import Vault

PATH = "/leave"
_PERSON, _SIGNATURE = 64, 32


def leave_url(vault: Vault, public_url: str, person: str) -> str:
    """The address for ``person`` (a hash of the vault's); empty without a public address."""
    return f"{public_url}{PATH}/{token_of(vault, person)}" if public_url else ""


def token_of(vault: Vault, person: str) -> str:
    """The person and our signature over it: 96 hexadecimal digits."""
    return person + _signature(vault, person)


def person_of(vault: Vault, token: str) -> str:
    """Whose token it is; empty for one that we did not make."""
    person, signature = token[:_PERSON], token[_PERSON:]
    ours = hmac.compare_digest(signature.encode(), _signature(vault, person).encode())
    return person if ours and len(person) == _PERSON else ""


def _signature(vault: Vault, person: str) -> str:
    return vault.hash("leave", person)[:_SIGNATURE]
