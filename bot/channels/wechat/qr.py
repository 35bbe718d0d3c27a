"""QR codes that subscribe: the platform tells the scene of whoever scans one.

Permanent ones, 100,000 an account, with a scene of 1 to 64 characters
(https://developers.weixin.qq.com/doc/service/api/qrcode/qrcodes/api_createqrcode.html).
"""

from dataclasses import dataclass
from urllib.parse import quote

from catalogue_index.errors import Refused

from .client import Platform

LONGEST_SCENE = 64


@dataclass(frozen=True, slots=True)
class Ticket:
    """A code: ``url`` is what it says, to be drawn by ourselves; ``image`` is where the platform shows it."""

    ticket: str
    url: str

    @property
    def image(self) -> str:
        """The address of the platform's picture."""
        return f"https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={quote(self.ticket, safe='')}"


class SceneRefused(Refused):
    """The scene does not fit a code."""


def permanent(platform: Platform, scene: str) -> Ticket:
    """The code of ``scene``, the same one each time. Raises ``Failed`` and ``SceneRefused``."""
    if not 1 <= len(scene) <= LONGEST_SCENE:
        raise SceneRefused(
            f"二维码的场景名应有 1 至 {LONGEST_SCENE} 个字符，现在有 {len(scene)} 个。请改短。"
        )
    body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
    answer = platform.post("/cgi-bin/qrcode/create", body)
    return Ticket(str(answer["ticket"]), str(answer["url"]))
