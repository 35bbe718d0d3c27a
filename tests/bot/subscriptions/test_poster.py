from pathlib import Path

import pdfplumber
import pytest
import segno
from PIL import Image

from bot.subscriptions.poster import (
    DPI,
    HEIGHT,
    WIDTH,
    Poster,
    PosterRefused,
    draw,
    find_font,
    save,
)

LINK = "http://weixin.qq.com/q/02abcdefGHIJKL10000w03x"
POSTER = Poster("养老服务", "高要区人民政府办公室", LINK, "南岸街道养老服务中心")
LATIN = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


@pytest.fixture(scope="module")
def font() -> tuple[Path, int]:
    try:
        return find_font()
    except PosterRefused:
        pytest.skip("no font with Chinese on this computer")


@pytest.fixture(scope="module")
def picture(font: tuple[Path, int]) -> Image.Image:
    return draw(POSTER, font)


def code_in(picture: Image.Image) -> list[list[bool]]:
    """The modules of the code as a scanner sees them: from the picture alone."""
    page = picture.convert("L").crop((0, 540, WIDTH, HEIGHT))
    # The code is the only thing under the headline that is purely black.
    black = page.point(lambda value: 255 * (value == 0))
    left, top, right, _ = black.crop((0, 0, WIDTH, 1040)).getbbox() or (0, 0, 0, 0)
    size = 0
    while black.getpixel((left + size, top)):
        size += 1
    module = size // 7  # a finder pattern is seven modules wide
    count = round((right - left) / module)
    return [
        [
            bool(black.getpixel((left + c * module + module // 2, top + r * module + module // 2)))
            for c in range(count)
        ]
        for r in range(count)
    ]


def test_the_code_on_the_page_is_that_of_the_link(picture: Image.Image) -> None:
    expected = segno.make(LINK, error="q", micro=False).matrix

    assert code_in(picture) == [[bool(module) for module in row] for row in expected]


def test_another_link_is_another_code(font: tuple[Path, int], picture: Image.Image) -> None:
    other = draw(Poster("养老服务", "高要区人民政府办公室", LINK + "y"), font)

    assert code_in(other) != code_in(picture)


def test_the_code_is_large_and_stands_in_white(picture: Image.Image) -> None:
    page = picture.convert("L")
    dark = [x for x in range(WIDTH) for y in (1000,) if page.getpixel((x, y)) == 0]
    left, right = min(dark), max(dark)

    assert right - left > 3 * DPI  # three inches: read from an arm's length
    around = page.crop((left - 60, 560, left - 1, 1500))
    assert around.getextrema() == (255, 255)


def test_nothing_runs_over_the_edge(font: tuple[Path, int]) -> None:
    long = Poster(
        "很长的名称" * 12, "机关名称" * 20, LINK, "地点" * 40, keyword="订阅 " + "名称" * 30
    )
    page = draw(long, font).convert("L")

    for edge in ((0, 400, 60, HEIGHT), (WIDTH - 60, 400, WIDTH, HEIGHT)):
        assert page.crop(edge).getextrema() == (255, 255)


def test_it_says_how_to_subscribe_and_how_to_leave() -> None:
    assert POSTER.steps[1] == "点“关注”，就订阅好了"
    keyed = Poster("养老服务", "高要区", LINK, keyword="订阅 养老服务")
    assert "订阅 养老服务" in keyed.steps[1]


def test_it_is_printed_on_one_sheet_of_a4(picture: Image.Image, tmp_path: Path) -> None:
    save(picture, tmp_path / "poster.pdf")
    save(picture, tmp_path / "poster.png")

    with pdfplumber.open(tmp_path / "poster.pdf") as pdf:
        (page,) = pdf.pages
        assert (round(page.width), round(page.height)) == (595, 842)  # points
    with Image.open(tmp_path / "poster.png") as png:
        assert png.size == (WIDTH, HEIGHT)
        assert round(png.info["dpi"][0]) == DPI


def test_other_files_are_refused(picture: Image.Image, tmp_path: Path) -> None:
    with pytest.raises(PosterRefused, match="扩展名"):
        save(picture, tmp_path / "poster.docx")


def test_without_a_chinese_font_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(PosterRefused, match="fonts-noto-cjk"):
        find_font([tmp_path, tmp_path / "missing"])


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "font.ttf"
    path.write_text("no font")

    with pytest.raises(PosterRefused, match="打不开"):
        draw(POSTER, (path, 0))


@pytest.mark.skipif(not LATIN.exists(), reason="no font without Chinese on this computer")
def test_a_font_without_the_characters_is_refused_rather_than_drawing_boxes() -> None:
    with pytest.raises(PosterRefused, match="没有这些字"):
        draw(POSTER, (LATIN, 0))
