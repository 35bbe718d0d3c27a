"""The command group itself, and what its commands share."""

from typing import Annotated

import typer

from bot.knowledge.catalogues import Catalogues
from bot.knowledge.office import OfficeDocuments
from catalogue_index.errors import Refused
from catalogue_index.sectors import national_sectors

from ..console import published, settings
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


def catalogues() -> Catalogues:
    """The catalogues of the data directory."""
    knowledge = published()
    return Catalogues(lambda: knowledge, OfficeDocuments(settings().data_dir / "documents"))
