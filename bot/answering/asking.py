"""What a question asks for, apart from its subject: who, when, where, on what basis …"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue_index.analysis import normalise

ASPECTS: Mapping[str, str] = {
    "who": r"谁|哪个(?:部门|单位|局|科|机构|办|处)|那个(?:部门|单位|局)|哪(?:一)?家|哪些(?:部门|单位)"
    r"|边个|哪块|哪个来|什么部门|啥部门|什么单位|牵头|归.{0,6}管|公开主体|责任(?:单位|部门|人)|水管|哪方",
    "when": r"什么时候|什么时间|啥时候|啥时|何时|几时|几月|多久|多快|几天|几日|多少天|多长时间|期限|时限"
    r"|时间要求|截止|年底前|哪天|多少个工作日",
    "where": r"在哪|哪里|哪儿|边度|渠道|载体|去哪|到哪|上哪|什么地方|什么网站|哪个网|哪个平台|哪能|哪查"
    r"|放哪|怎么查|咋查|怎么看|点样睇",
    "basis": r"依据|根据|凭什么|凭啥|哪(?:几)?(?:个|条|部|份)?(?:文件|法|规定|条例)|什么法|啥法|法律法规",
    "whom": r"(?:向|对|给)(?:谁|什么人|哪些人|边个)|公开对象|什么人能看|谁(?:都)?(?:能|可以)看"
    r"|谁能(?:看|查)|全社会|哪些人(?:能|可以)看",
    "how": r"主动公开|主动(?:挂|贴|公布)|依申请|要(?:我|自己)?(?:写)?申请|公开方式|自己去申请",
    "what": r"公开(?:的)?(?:什么|啥|哪些)|哪些内容|什么内容|啥内容|内容(?:有|是|包括)"
    r"|包括(?:什么|哪些|啥)|写(?:了|着)?(?:什么|啥|些什么)|有哪些(?:内容|要素)|要素",
}
"""Aspect → the words that ask for it, tried in this order. ``whom`` stands before ``who`` where both fit."""

FIELDS: Mapping[str, Sequence[str]] = {
    "who": ("discloser",),
    "when": ("time_limit",),
    "where": ("channels",),
    "basis": ("basis",),
    "whom": ("audience",),
    "how": ("method",),
    "what": ("content",),
}
"""Aspect of a question → the item's cells that answer it."""

_ORDER: Sequence[str] = ("basis", "whom", "how", "when", "who", "where", "what")
_PATTERNS = {aspect: re.compile(ASPECTS[aspect]) for aspect in _ORDER}
_FOLLOW_UP = re.compile(
    r"^(?:那|那么|还有|它|这个|这些|该|具体|是|按|由|在|到|什么|啥|谁|哪|多久|几|要|能|向)"
)
_PARTS = re.compile(r"[?!;]+|(?:,|\.)?(?:另外|还有就是|再问|顺便问|以及问)(?:一下|下)?(?:,)?")
_SHORT = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as understood: its normalised text, the aspects it asks for, and its parts when it asks two things."""

    text: str
    aspects: tuple[str, ...]
    parts: tuple[str, ...] = ()

    @property
    def may_follow_up(self) -> bool:
        """Whether it may lean on the previous message for its subject."""
        return len(self.text) <= _SHORT or bool(_FOLLOW_UP.match(self.text))


def understand(text: str) -> Asked:
    """Read a question. ``parts`` is empty unless there are two or three that can stand alone."""
    text = normalise(text)
    parts = tuple(part.strip(" ,.") for part in _PARTS.split(text))
    parts = tuple(part for part in parts if len(part) >= 4)
    return Asked(
        text,
        tuple(aspect for aspect in _ORDER if _PATTERNS[aspect].search(text)),
        parts if 2 <= len(parts) <= 3 else (),
    )
