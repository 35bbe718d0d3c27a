"""``zwgk``: the command line of an office. Exit 0 fine, 1 refused with a reason, 2 wrong usage."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module

import typer
from typer.exceptions import TyperException

from bot.commands.console import DISK_ERRORS, disk_sentence, fail
from bot.commands.usage import Command, Group, explain
from catalogue_index.errors import Refused

COMMANDS: Mapping[str, str] = {
    "serve": "serving:serve",
    "doctor": "serving:doctor",
    "ask": "asking:ask",
    "chat": "asking:chat",
    "eval": "evaluating:evaluate_sets",
    "tune": "tuning:tune",
    "channels": "channels:app",
    "report": "report:report",
    "unknown": "unknown:app",
    "catalogue": "catalogue:app",
    "faq": "documents:faq",
    "plan": "documents:plan",
    "notice": "notice:app",
    "subscription": "subscription:app",
    "knowledge": "knowledge:app",
    "drill": "drill:app",
    "worker": "worker:worker",
    "db": "database:app",
    "officer": "officer:officer",
    "records": "officer:records",
}
"""What may follow ``zwgk``, and the function or group in ``bot.commands`` that does it."""


def command_line(words: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with these ``COMMANDS``; no other is loaded."""
    line = typer.Typer(
        name="zwgk",
        cls=Group,
        help="政务公开小助手：用官方文件回答，编目录、查目录、送政策。",
        epilog="每个命令都可以加 --data-dir 目录：数据放在哪里；不写时用环境变量 ZWGK_DATA_DIR 或默认目录。",
        callback=lambda: None,  # a group of one command is a group, too
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for word in words:
        module, _, name = COMMANDS[word].partition(":")
        command = getattr(import_module(f"bot.commands.{module}"), name)
        if isinstance(command, typer.Typer):
            line.add_typer(command, name=word)
        else:
            line.command(word, cls=Command)(command)
    return line


def main(
    arguments: Sequence[str] | None = None, loaded: Callable[[], object] = lambda: None
) -> None:
    """Run one command; every expected refusal is one Chinese sentence on stderr and exit 1, wrong usage exit 2.

    ``loaded`` is called once all that the command needs is there, before it begins.
    """
    words = _with_data_dir(list(sys.argv[1:] if arguments is None else arguments))
    # What a command does not need, as writers of workbooks, would make it begin later.
    line = command_line(words[:1] if words and words[0] in COMMANDS else COMMANDS)
    loaded()
    try:
        status = line(words, prog_name="zwgk", standalone_mode=False)
        sys.stdout.flush()
    except Refused as error:
        fail(str(error))
    except TyperException as error:
        fail(explain(error), status=2)
    except BrokenPipeError:
        # The reader of our output left (zwgk … | head): nothing to say to anybody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except DISK_ERRORS as error:
        fail(disk_sentence(error))
    if status:
        raise SystemExit(status)


def _with_data_dir(words: list[str]) -> list[str]:
    """``--data-dir`` may stand anywhere in the line; it becomes the environment variable of the same meaning."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        name, given, value = word.partition("=")
        if name != "--data-dir":
            kept.append(word)
            continue
        directory = value if given else next(rest, "")
        if not directory or directory.startswith("--"):
            fail("--data-dir 后面要写目录。", status=2)
        os.environ["ZWGK_DATA_DIR"] = directory
    return kept


if __name__ == "__main__":
    main()
