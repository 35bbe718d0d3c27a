"""Choices that settings name and adapters follow."""

from enum import StrEnum


class Security(StrEnum):
    """How a mail server's connection is protected: from the start, after STARTTLS, or not at all (inside one's own
    network)."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


class Style(StrEnum):
    """A 客服消息 as a text with its link, or as a card that leads to the link."""

    TEXT = "text"
    NEWS = "news"
