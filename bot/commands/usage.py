"""Help pages and usage errors in Chinese: Typer's own words are English."""

import re
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

_FRAME: Mapping[str, str] = {
    r"^Usage:": "用法：",
    r"^Options:": "选项：",
    r"^Arguments:": "参数：",
    r"^Commands:": "命令：",
    r"\[OPTIONS\]": "[选项]",
    r"COMMAND \[ARGS\]\.\.\.": "命令 [参数]",
    r"Show this message and exit\.": "显示这份说明",
    r"\[required\]": "[必填]",
    r"\[default:\s+(.*?)(?:; .*?)?\]": r"[默认 \1]",
}
"""What stands around our own words on a help page, in Chinese."""

_TYPE = re.compile(r"<(?:str|path|int|int range)>")
_ERRORS: Mapping[str, str] = {
    r"No such option: (\S+) \(Possible options: (.+)\)": "没有 {0} 这个选项，是不是 {1}？",
    r"No such option: (\S+)": "没有 {0} 这个选项。",
    r"No such command '(.+?)'.*": "没有 {0} 这个命令。",
    r"Missing (?:option|argument) '(.+?)'.*": "缺少 {0}。",
    r"Option '(.+?)' requires an argument.*": "{0} 后面要写内容。",
    r"Option '(.+?)' does not take a value.*": "{0} 后面不用写内容。",
    r"Got unexpected extra argument\S* \((.+)\)": "多出了“{0}”。内容里有空格时，请用引号括起来。",
    r"Invalid value for '(.+?)': .*greater than or equal to (-?\d+)": "{0} 的值太小，至少为 {1}。",
    r"Invalid value for '(.+?)': .*less than or equal to (-?\d+)": "{0} 的值太大，最多为 {1}。",
    r"Invalid value for '(.+?)': .*integer.*": "{0} 的值应为整数。",
    r"Invalid value for '(.+?)':.*": "{0} 的值不对。",
}
"""Typer's sentence → ours."""


def in_chinese(page: str) -> str:
    """A help page with its frame in Chinese."""
    page = _TYPE.sub(lambda found: " " * len(found[0]), page)
    for english, chinese in _FRAME.items():
        page = re.sub(english, chinese, page, flags=re.MULTILINE)
    return page


def explain(error: TyperException) -> str:
    """What is wrong with the line that was typed, and where to read more."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "zwgk"
    more = f"用 {command} --help 查看用法。"
    for english, chinese in _ERRORS.items():
        if found := re.fullmatch(english, error.format_message(), re.DOTALL):
            return f"{chinese.format(*found.groups())}{more}"
    return f"命令写得不对。{more}"


class Command(TyperCommand):
    """A command whose help page is Chinese."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return in_chinese(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help pages are Chinese; alone it shows its own."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return in_chinese(super().get_help(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help page, not an error, where only the group's name was typed."""
        if not args and not ctx.resilient_parsing:
            print(ctx.get_help())
            raise typer.Exit(0)
        return super().parse_args(ctx, args)


class Runs(Group):
    """A group that does its own work where no command of it was typed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Not the help page."""
        return TyperGroup.parse_args(self, ctx, args)
