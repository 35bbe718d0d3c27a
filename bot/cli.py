"""``zwgk``: the command line of an office. Exit 0 fine, 1 refused with a reason, 2 wrong usage."""

import os
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from bot.commands import (
    asking,
    catalogue,
    channels,
    documents,
    drill,
    evaluating,
    knowledge,
    notice,
    report,
    serving,
    subscription,
    tuning,
    worker,
)
from bot.commands.console import DISK_ERRORS, disk_sentence, fail
from bot.commands.usage import Group, explain
from catalogue_index.errors import Refused

app = typer.Typer(
    name="zwgk",
    cls=Group,
    help="政务公开小助手：用官方文件回答，编目录、查目录、送政策。",
    epilog="每个命令都可以加 --data-dir 目录：数据放在哪里；不写时用环境变量 ZWGK_DATA_DIR 或默认目录。",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
serving.add_to(app)
asking.add_to(app)
evaluating.add_to(app)
tuning.add_to(app)
channels.add_to(app)
report.add_to(app)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(documents.faq, name="faq")
app.add_typer(documents.plan, name="plan")
app.add_typer(notice.app, name="notice")
app.add_typer(subscription.app, name="subscription")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(drill.app, name="drill")
app.add_typer(worker.app, name="worker")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; every expected refusal is one Chinese sentence on stderr and exit 1, wrong usage exit 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(_with_data_dir(words), prog_name="zwgk", standalone_mode=False)
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
