"""How a short message is counted: 70 characters are one, longer ones go in parts of 67, the signature included.

So do Chinese providers, for Latin letters too (https://cloud.tencent.com/document/product/382/18058,
https://help.aliyun.com/zh/sms/product-overview/billing-of-the-chinese-site).
"""

import re

ONE, PART = 70, 67

_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_VARIABLE = re.compile(r"\$?\{(\w+)\}")


def segments(text: str) -> int:
    """How many messages ``text`` is charged as. Characters beyond the basic plane count twice, as on the air."""
    size = len(text.encode("utf-16-le", errors="replace")) // 2
    return 1 if size <= ONE else -(-size // PART)


def whole(sign: str, wording: str, values: dict[str, str]) -> str:
    """The message as it arrives: 【sign】 and the template's ``wording`` with its ``{1}`` or ``${name}`` filled in."""
    return f"【{sign}】" + _VARIABLE.sub(lambda match: values.get(match[1], match[0]), wording)


def variables(wording: str) -> list[str]:
    """The names of a template's variables, in order."""
    return [match[1] for match in _VARIABLE.finditer(wording)]


def mainland(address: str) -> str:
    """The eleven digits of a mobile number of the mainland; empty for anything else."""
    match = _MAINLAND.fullmatch(re.sub(r"[\s-]", "", address))
    return match[1] if match else ""
