"""What a person sees of work under way."""

import io

import pytest
from rich.console import Console

from bot.commands.console import print_table, steps


@pytest.fixture
def terminal():
    return Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)


def test_work_of_known_size_shows_piece_step_and_how_many_are_done(terminal):
    with steps(3, console=terminal) as step:
        step.begin("社会救助.xlsx")
        step("发布")
        step.begin("就业.xlsx")
        step("读取表格")
    assert "就业.xlsx：读取表格" in terminal.file.getvalue()
    assert "1/3" in terminal.file.getvalue()


def test_other_work_shows_its_step(terminal):
    with steps(console=terminal) as step:
        step("建立检索")
    assert "建立检索" in terminal.file.getvalue()
    assert "/" not in terminal.file.getvalue()


def test_nothing_is_shown_where_nobody_looks():
    console = Console(file=io.StringIO())
    with steps(2, console=console) as step:
        step.begin("读取表格")
    assert console.file.getvalue() == ""


def test_a_table_shows_square_brackets_as_they_stand(capsys):
    """Official texts number with them; nothing in a text is taken for an instruction."""
    print_table("目录[/b]", ["栏[b]"], [["国办发[2019]54号[/i]:smile:"]])
    page = capsys.readouterr().out
    assert all(text in page for text in ("目录[/b]", "栏[b]", "国办发[2019]54号[/i]:smile:"))
