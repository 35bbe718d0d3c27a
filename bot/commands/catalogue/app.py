"""The command group itself, and what its commands share."""

from typing import Annotated

import typer

from bot.knowledge.library import Knowledge
from catalogue_index.model import Document

from ..usage import Group

app = typer.Typer(cls=Group, help="标准目录：导入、查看、搜索、导出。")

Where = Annotated[str, typer.Option(help="地区：代码（441204）或名称（高要区）")]


def catalogues_in(knowledge: Knowledge) -> list[Document]:
    """All catalogues of a version, built-in ones first."""
    return [document for document in knowledge.documents.values() if document.kind == "catalogue"]
