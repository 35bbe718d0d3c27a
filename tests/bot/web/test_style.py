"""Colours keep the contrast that 适老化通用设计规范 asks for, light and dark."""

import re
from importlib.resources import files

import pytest

STATIC = files("bot.web").joinpath("static")
PALETTE = STATIC.joinpath("palette.css").read_text(encoding="utf-8")
STYLE = STATIC.joinpath("style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", PALETTE, re.S)[:2]
)
TEXT = [
    *((ink, paper) for ink in ("ink", "soft", "action") for paper in ("paper", "card", "official")),
    ("on-action", "action"),
    ("ink", "asked"),
    ("ink", "seal-paper"),
    ("soft", "seal-paper"),
    ("action", "seal-paper"),
    ("seal", "seal-paper"),
    ("seal", "card"),
]
EDGES = [("edge", "card"), ("edge", "paper"), ("gold", "official"), ("seal", "card")]


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_contrast(colours, front, back):
    assert contrast(colours[front], colours[back]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), EDGES)
def test_contrast_of_edges_that_carry_meaning(colours, front, back):
    assert contrast(colours[front], colours[back]) >= 3


def test_nothing_moves():
    assert not re.search(r"animation|transition|scroll-behavior", STYLE)


def test_style_asks_no_other_place_for_anything():
    assert not re.search(r"url\(|@import|https?:", STYLE)
