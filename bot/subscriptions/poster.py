"""A poster to hang up: a QR code, how to scan it, how to leave again. A4, in letters that old people can read."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from catalogue_index.errors import Refused

from .model import Kind, Scene

DPI = 200
WIDTH, HEIGHT = 1654, 2339
"""A4 (210 × 297 mm) in pixels at ``DPI``."""

QUIET = 4
"""Modules of white around the code (ISO/IEC 18004)."""

_CODE = 1040
_MARGIN = 120
_RED, _BLACK, _GREY, _WHITE = "#b3141c", "#1a1a1a", "#555555", "#ffffff"
_ABSENT = "\U0010ffff"
"""A character that no font has: what is drawn for it is what is drawn for every lacking one."""

FONT_FOLDERS = tuple(
    map(
        Path,
        (
            "/usr/share/fonts",
            "/usr/local/share/fonts",
            "C:/Windows/Fonts",
            "/System/Library/Fonts",
            "/Library/Fonts",
        ),
    )
)
FONT_NAMES: Mapping[str, int] = {
    "NotoSansCJK-Bold.ttc": 2,
    "NotoSansCJK-Regular.ttc": 2,
    "SourceHanSansSC-Bold.otf": 0,
    "NotoSansSC-Bold.otf": 0,
    "wqy-microhei.ttc": 0,
    "wqy-zenhei.ttc": 0,
    "msyhbd.ttc": 0,
    "simhei.ttf": 0,
    "PingFang.ttc": 2,
}
"""Fonts with simplified Chinese by file name, best first, with their number in a collection."""


class PosterRefused(Refused):
    """The poster cannot be drawn: no font, or a font without some of the characters."""


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a poster. ``link`` is in the code; ``label`` says where the poster hangs; ``keyword`` is what a
    person must send after following, where the account's code cannot tell by itself (订阅号)."""

    title: str
    office: str
    link: str
    label: str = ""
    keyword: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        """How to subscribe."""
        follow = f"点“关注”，再发送：{self.keyword}" if self.keyword else "点“关注”，就订阅好了"
        return ("打开微信，用“扫一扫”对准上面的码", follow, "有新政策，发到您的微信里")


NO_LINK = "请写明公众号二维码里的网址（命令里用 --link）：在公众平台“公众号设置”里下载二维码，用手机识别出网址即可。"


def poster_for(scene: Scene, office: str, link: str, *, by_word: bool) -> Poster:
    """The poster of a code. ``by_word``: of an account that has no codes of its own (订阅号), whose followers send a word.

    Raises ``PosterRefused``.
    """
    if by_word and scene.topic.kind is Kind.ITEM:
        raise PosterRefused("订阅号的海报只能用于领域和人群，不能用于单个事项。")
    if not link:
        raise PosterRefused(NO_LINK)
    keyword = f"订阅 {scene.topic.value}" if by_word else ""
    return Poster(scene.topic.value, office, link, scene.label, keyword)


LEAVING = ("不想收了：在公众号里发送“退订全部”，马上停。", "不收费，不用填姓名、电话和身份证号。")
"""How to leave, and what is not asked for."""


def find_font(folders: Sequence[Path] = FONT_FOLDERS) -> tuple[Path, int]:
    """The best font with Chinese on this computer, and its number in its file. Raises ``PosterRefused``."""
    found = {path.name: path for path in _files(folders) if path.name in FONT_NAMES}
    for name, number in FONT_NAMES.items():
        if name in found:
            return found[name], number
    raise PosterRefused(
        "这台电脑上没有找到中文字体，画不了海报。请安装 fonts-noto-cjk"
        "（例如 apt install fonts-noto-cjk），或用 --font 指明一个字体文件。"
    )


def draw(poster: Poster, font: tuple[Path, int]) -> Image.Image:
    """The poster as a picture. Raises ``PosterRefused``."""
    page = _Page(*font)
    page.require(poster.title, poster.office, poster.label, *poster.steps, *LEAVING)
    page.band(360)
    page.line(poster.office, 90, 60, _WHITE)
    page.line(f"{poster.title} 政策直通车", 190, 110, _WHITE)
    page.line("扫一扫，政策直接送到您手上", 420, 76, _BLACK)
    page.code(poster.link, 540)
    y = 540 + _CODE - 60
    for number, step in enumerate(poster.steps, 1):
        page.left(f"{number}. {step}", y + 10 + number * 100, 66, _BLACK)
    page.rule(y + 440)
    for number, line in enumerate(LEAVING):
        page.left(line, y + 470 + number * 80, 52, _RED if number == 0 else _GREY)
    page.line(poster.label, HEIGHT - 130, 44, _GREY)
    return page.image


def save(picture: Image.Image, path: Path) -> None:
    """Write a poster as ``.pdf`` or ``.png``, to be printed at its own size. Raises ``PosterRefused``."""
    if path.suffix.lower() not in (".pdf", ".png"):
        raise PosterRefused(f"海报只能存成 .pdf 或 .png，请改“{path.name}”的扩展名。")
    path.write_bytes(encoded(picture, path.suffix.lower().lstrip(".")))


def encoded(picture: Image.Image, ending: str) -> bytes:
    """A poster as ``pdf`` or ``png``, to be printed at its own size."""
    written = io.BytesIO()
    if ending == "png":
        picture.save(written, "png", dpi=(DPI, DPI))
    else:
        picture.save(written, "pdf", resolution=DPI, quality=95)
    return written.getvalue()


def modules(link: str) -> list[list[bool]]:
    """The code of a link as rows of dark and light, without the quiet zone; a quarter of it may be dirty or torn."""
    code = segno.make(link, error="q", micro=False)
    return [[bool(module) for module in row] for row in code.matrix]


class _Page:
    def __init__(self, font: Path, number: int) -> None:
        self._font = font
        self._number = number
        self.image = Image.new("RGB", (WIDTH, HEIGHT), _WHITE)
        self._pen = ImageDraw.Draw(self.image)

    def require(self, *texts: str) -> None:
        """See that the font has every character: a lacking one is drawn as a box, without an error."""
        font = self._sized(40)
        absent = bytes(font.getmask(_ABSENT))
        lacking = {
            c for text in texts for c in text if c.strip() and bytes(font.getmask(c)) == absent
        }
        if lacking:
            raise PosterRefused(
                f"字体“{self._font.name}”里没有这些字：{'、'.join(sorted(lacking))}。"
                "请用 --font 换一个中文字体文件。"
            )

    def band(self, height: int) -> None:
        """A band across the top."""
        self._pen.rectangle((0, 0, WIDTH, height), fill=_RED)

    def rule(self, y: int) -> None:
        """A line across."""
        self._pen.line((_MARGIN, y, WIDTH - _MARGIN, y), fill=_GREY, width=3)

    def line(self, text: str, y: int, size: int, colour: str) -> None:
        """One line in the middle."""
        font = self._fitting(text, size)
        self._pen.text((WIDTH / 2, y), text, fill=colour, font=font, anchor="ma")

    def left(self, text: str, y: int, size: int, colour: str) -> None:
        """One line from the left margin."""
        self._pen.text((_MARGIN, y), text, fill=colour, font=self._fitting(text, size))

    def code(self, link: str, y: int) -> None:
        """The QR code in the middle, its modules whole pixels."""
        rows = modules(link)
        size = _CODE // (len(rows) + 2 * QUIET)
        left = (WIDTH - size * len(rows)) // 2
        top = y + (_CODE - size * len(rows)) // 2
        for row, cells in enumerate(rows):
            for column, dark in enumerate(cells):
                if dark:
                    x, at = left + column * size, top + row * size
                    self._pen.rectangle((x, at, x + size - 1, at + size - 1), fill="#000000")

    def _fitting(self, text: str, size: int) -> ImageFont.FreeTypeFont:
        """The font in ``size``, or as much smaller as the line needs to fit between the margins."""
        room = WIDTH - 2 * _MARGIN
        needed = self._sized(size).getlength(text)
        return self._sized(size if needed <= room else int(size * room / needed))

    def _sized(self, size: int) -> ImageFont.FreeTypeFont:
        try:
            return ImageFont.truetype(self._font, size, self._number)
        except OSError as error:
            raise PosterRefused(
                f"字体文件“{self._font}”打不开。请换一个 .ttf、.otf 或 .ttc 文件。"
            ) from error


def _files(folders: Iterable[Path]) -> Iterable[Path]:
    return (path for folder in folders if folder.is_dir() for path in folder.rglob("*"))
