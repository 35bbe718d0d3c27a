"""The command group itself, and what its commands share."""

from typing import Annotated

import typer

from bot.knowledge.library import Knowledge
from catalogue_index.errors import Refused
from catalogue_index.model import Document
from catalogue_index.sectors import national_sectors

from ..usage import Group

app = typer.Typer(cls=Group, help="标准目录：导入、查看、搜索、导出。")

Where = Annotated[str, typer.Option(help="地区：代码（441204）或名称（高要区）")]


def named_sector(name: str) -> str:
    """The official name of a sector as it was typed; raises ``Refused`` for an unknown one."""
    known = national_sectors()
    official = known.canonical(name)
    if official is None:
        raise Refused(f"没有“{name}”这个领域。可以写：{'、'.join(known.names)}。")
    return official


def catalogues_in(knowledge: Knowledge) -> list[Document]:
    """All catalogues of a version, built-in ones first."""
    return [document for document in knowledge.documents.values() if document.kind == "catalogue"]
