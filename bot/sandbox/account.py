"""What the sandbox needs to know of an official account (公众号) to stand in for the platform."""

from dataclasses import dataclass, field
from hashlib import sha1

SAFE, COMPATIBLE, PLAIN = "safe", "compatible", "plain"
"""How messages travel (消息加解密方式)."""

SERVICE, SUBSCRIPTION = "service", "subscription"
"""服务号 and 订阅号; both certified."""


@dataclass(frozen=True, slots=True)
class Account:
    """One official account as its console shows it.

    ``name`` stands in the webhook's address. ``encoding_aes_key`` (消息加解密密钥) has 43
    characters; it may be empty in plain mode. ``app_secret`` is what tokens are given for; without one
    the account cannot call the platform.
    """

    name: str
    app_id: str
    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)
    mode: str = SAFE
    app_secret: str = field(default="", repr=False)
    kind: str = SERVICE

    @property
    def original_id(self) -> str:
        """A stand-in for the 原始 ID (``gh_…``), which pushes carry as ``ToUserName``."""
        return "gh_" + sha1(self.app_id.encode()).hexdigest()[:12]
