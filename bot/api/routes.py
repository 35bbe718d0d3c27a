"""Every address of the API."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from bot.officers.keys import Keys
from bot.officers.rights import may, rights
from bot.records import repository
from bot.records.service import Records
from bot.storage.database import Database

from . import notices, shapes
from .gate import Caller, Gate, routes

_A_PAGE = 1_000


def router(
    keys: Keys,
    records: Records,
    database: Database,
    express: notices.Express,
) -> APIRouter:
    """``/api/v1``."""
    made, gate = routes(), Gate(keys, records)

    @made.get("/me", tags=["me"], summary="这个密钥能做什么")
    def me(caller: Caller = gate.may("home.see")) -> shapes.Me:  # noqa: B008
        """密钥、岗位、地区和权限。"""
        officer = caller.officer
        return shapes.Me(
            name=caller.key.name,
            officer=officer.name,
            roles=[str(role) for role in officer.roles],
            areas=list(officer.areas),
            rights=[id for id in rights() if may(officer, id)],
            expires_at=caller.key.expires_at,
        )

    @made.get("/records", tags=["records"], summary="操作记录")
    def log(
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        _: Caller = gate.may("records.see"),  # noqa: B008
    ) -> shapes.RecordsOut:
        """编号在 after 之后的，最多 1000 条，旧的在前：供日志系统接着取。"""
        with database.read() as connection:
            found = repository.after_number(connection, after, _A_PAGE)
        return shapes.RecordsOut(
            records=[
                shapes.RecordOut(number=one.number, at=one.at, hash=one.hash, **asdict(one.deed))
                for one in found
            ]
        )

    notices.add_to(made, gate, express)
    return made
