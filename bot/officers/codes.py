"""One-time codes of an authenticator (TOTP, RFC 6238): six digits, good for thirty seconds, and once."""

import pyotp

STEP = 30
"""Seconds of one code."""


def new_secret() -> str:
    """A secret to be scanned into an authenticator, in base 32."""
    return pyotp.random_base32()


def address(secret: str, name: str, site: str) -> str:
    """What the QR code for an authenticator says (otpauth://…)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=site)


def step_of(secret: str, code: str, now: int, used: int) -> int | None:
    """The time step whose code this is, where it is now's or one beside it and later than ``used``; else ``None``."""
    given = "".join(code.split())
    for step in range(now // STEP - 1, now // STEP + 2):
        if step > used and pyotp.TOTP(secret).verify(given, for_time=step * STEP):
            return step
    return None
