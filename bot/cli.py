"""``zwgk``: the command line of an office. Exit 0 fine, 1 refused with a reason, 2 wrong usage."""

import os
import sys
from collections.abc import Sequence

import typer

from bot.commands import asking, catalogue, documents, knowledge, serving
from bot.commands.console import fail
from catalogue_index.errors import Refused

app = typer.Typer(
    name="zwgk",
    help="政务公开小助手：用官方文件回答，编目录、查目录、送政策。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
serving.add_to(app)
asking.add_to(app)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(documents.faq, name="faq")
app.add_typer(documents.plan, name="plan")
app.add_typer(knowledge.app, name="knowledge")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; every expected refusal is one Chinese sentence on stderr and exit 1."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(_with_data_dir(words), prog_name="zwgk")
    except Refused as error:
        fail(str(error))
    except BrokenPipeError:
        # The reader of our output left (zwgk … | head): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        fail(
            f"读写文件出错：{error.strerror or error}（{error.filename or ''}）。请检查磁盘空间和权限。"
        )


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
        if not directory:
            fail("--data-dir 后面要写目录。", status=2)
        os.environ["ZWGK_DATA_DIR"] = directory
    return kept


if __name__ == "__main__":
    main()
