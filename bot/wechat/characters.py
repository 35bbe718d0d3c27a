"""The characters that a message may hold.

The platform passes on what a phone sends, characters below 0x20 included, and then every XML parser
raises; the same characters in our reply make the platform tell the person that the account is out
of order. Both ways they are removed.
"""

import re

# Everything but Char of XML 1.0, production 2.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """``text`` without the characters that XML 1.0 cannot carry."""
    return _FORBIDDEN.sub("", text)
