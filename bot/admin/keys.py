"""Keys of the JSON API."""

from starlette.responses import Response

from bot.officers.keys import LONGEST_DAYS, Keys
from bot.officers.model import OfficerRefused, Role

from .console import Console, Done, Posted, Visit, whole


def pages(console: Console, keys: Keys) -> None:
    """``/accounts/keys``."""

    @console.get("/accounts/keys", right="accounts.manage")
    def listed(visit: Visit) -> Response:
        holders = [
            (one.id, f"{one.name}（{'、'.join(one.roles)}）")
            for one in console.officers.all()
            if one.closed_at is None and not one.temporary and Role.ADMINISTRATOR not in one.roles
        ]
        return visit.page("keys.html", keys=keys.all(), holders=holders, longest=LONGEST_DAYS)

    @console.post(
        "/accounts/keys", right="accounts.manage", does="accounts.key", shows=listed, confirm=True
    )
    def make(posted: Posted) -> Done:
        officer, days = whole(posted.text("officer")), whole(posted.text("days"))
        if not officer:
            raise OfficerRefused("请选择这个密钥以谁的名义使用。")
        holder = console.officers.find(officer)
        if Role.ADMINISTRATOR in holder.roles:
            raise OfficerRefused("管理员账号不发密钥：请选办事的人。")
        key, secret = keys.make(posted.text("name"), holder, days)
        page = posted.visit.page("key_secret.html", key=key, secret=secret)
        detail = f"{key.name}，{holder.name}，{days} 天"
        return Done("/accounts/keys", about=f"key:{key.id}", detail=detail, response=page)

    @console.post(
        "/accounts/keys/{id}/close",
        right="accounts.manage",
        does="accounts.key.close",
        shows=listed,
    )
    def close(posted: Posted) -> Done:
        key = keys.close(whole(posted.path["id"]))
        return Done("/accounts/keys", f"已停用“{key.name}”。", f"key:{key.id}", key.name)
