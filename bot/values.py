"""Values that several tables of the settings have, with what is said of a wrong one."""

import re

from pydantic import AfterValidator

_ADDRESS = r"https?://[^\s/{0}]+(/[^\s{0}]*)?"
_MARKUP = r"\"'<>?#"


def short_name(example: str) -> AfterValidator:
    """A name that can be part of an address, of a variable of the environment and of the ledger."""

    def check(name: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", name):
            raise ValueError(f"只能用小写字母、数字、-、_，最多 32 个字符，例如 {example}")
        return name

    return AfterValidator(check)


def web_address(example: str, *, empty: bool = False, in_pages: bool = False) -> AfterValidator:
    """An address that others begin with, without its last slash. It may be ``empty``; ``in_pages`` and messages it may have
    nothing that ends it there."""
    pattern = re.compile(_ADDRESS.format(_MARKUP if in_pages else ""))

    def check(url: str) -> str:
        if not (pattern.fullmatch(url) or (empty and not url)):
            raise ValueError(f"应为完整网址，例如 {example}")
        return url.rstrip("/")

    return AfterValidator(check)
