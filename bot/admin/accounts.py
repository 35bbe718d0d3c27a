"""Accounts of the people of the office, and what each role may do."""

from starlette.responses import Response

from bot.officers.model import Officer, OfficerRefused, Role
from bot.officers.rights import rights
from catalogue_index.areas import Areas

from .console import Console, Done, NotHere, Posted, Visit, chosen, whole


def pages(console: Console, areas: Areas) -> None:
    """``/accounts``, ``/accounts/new``, ``/accounts/{id}`` and ``/accounts/rights``."""
    officers = console.officers

    def named(codes: tuple[str, ...]) -> str:
        return "\n".join(f"{code} {areas.get(code).name}" for code in codes)

    def found(visit: Visit) -> Officer:
        try:
            return officers.find(whole(visit.path["id"]))
        except OfficerRefused:
            raise NotHere("没有这个账号。") from None

    def given(posted: Posted) -> tuple[list[str], list[str], list[str]]:
        """Roles, area codes and units as the form says them; areas by code or name, one a line."""
        lines = [line.split()[0] for line in posted.text("areas").splitlines() if line.split()]
        codes = [(areas.get if word.isdigit() else areas.find)(word).code for word in lines]
        units = [" ".join(line.split()) for line in posted.text("units").splitlines()]
        return posted.texts("roles"), codes, [unit for unit in units if unit]

    @console.get("/accounts", right="accounts.manage")
    def accounts(visit: Visit) -> Response:
        return visit.page("accounts.html", officers=officers.all(), area_names=named)

    @console.get("/accounts/rights", right="accounts.manage")
    def table(visit: Visit) -> Response:
        return visit.page("rights.html", rights=rights().values(), roles=tuple(Role))

    @console.get("/accounts/new", right="accounts.manage")
    def new(visit: Visit) -> Response:
        return visit.page("account_new.html", roles=tuple(Role))

    @console.post("/accounts/new", right="accounts.manage", does="accounts.add", shows=new)
    def add(posted: Posted) -> Done:
        officer, password = officers.add(posted.text("name"), *given(posted))
        page = posted.visit.page("account_password.html", account=officer, password=password)
        detail = f"{officer.name}：{chosen(officer.roles)}"
        return Done("/accounts", about=f"officer:{officer.id}", detail=detail, response=page)

    @console.get("/accounts/{id}", right="accounts.manage")
    def account(visit: Visit) -> Response:
        officer = found(visit)
        return visit.page(
            "account.html", account=officer, roles=tuple(Role), areas=named(officer.areas)
        )

    @console.post("/accounts/{id}", right="accounts.manage", does="accounts.change", shows=account)
    def change(posted: Posted) -> Done:
        officer = officers.change(found(posted.visit).id, *given(posted))
        detail = f"{officer.name}：{chosen(officer.roles)}；地区 {chosen(officer.areas) or '全部'}"
        return Done("/accounts", f"已修改“{officer.name}”。", f"officer:{officer.id}", detail)

    @console.post(
        "/accounts/{id}/reset",
        right="accounts.manage",
        does="accounts.reset",
        shows=account,
        confirm=True,
    )
    def reset(posted: Posted) -> Done:
        officer = found(posted.visit)
        password = officers.reset(officer.id)
        page = posted.visit.page("account_password.html", account=officer, password=password)
        about = f"officer:{officer.id}"
        return Done("/accounts", about=about, detail=officer.name, response=page)

    @console.post(
        "/accounts/{id}/close",
        right="accounts.manage",
        does="accounts.close",
        shows=account,
        confirm=True,
    )
    def close(posted: Posted) -> Done:
        officer = officers.close(found(posted.visit).id)
        said = f"已停用“{officer.name}”，其登录已退出。"
        return Done("/accounts", said, f"officer:{officer.id}", officer.name)

    @console.post(
        "/accounts/{id}/open", right="accounts.manage", does="accounts.open", shows=account
    )
    def reopen(posted: Posted) -> Done:
        officer = officers.open(found(posted.visit).id)
        return Done("/accounts", f"已恢复“{officer.name}”。", f"officer:{officer.id}", officer.name)
