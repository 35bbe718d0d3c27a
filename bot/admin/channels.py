"""Official accounts and channels: what each can do, its menu, and the switch that stops it at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from bot.channels.names import CHANNEL_NAMES
from bot.channels.port import Capability
from bot.channels.probing import Probed
from bot.channels.wechat.menu import Button
from bot.deliveries.switches import Closure, Switches, called, object_of
from bot.settings import AccountKind, Mode, WeChatSettings

from .console import Console, Done, NotHere, Posted, Visit

ACCOUNT_KINDS = {AccountKind.SERVICE: "服务号", AccountKind.SUBSCRIPTION: "订阅号"}
MODES = {Mode.SAFE: "安全模式", Mode.COMPATIBLE: "兼容模式", Mode.PLAIN: "明文模式"}

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Platform:
    """What is set up, and what can be asked of the platform: ``probe`` asks about every channel, ``set_menu`` shows
    ``menu`` under the chat of an account. Both raise ``Refused``."""

    accounts: Sequence[WeChatSettings]
    ways: Sequence[Key]
    public_url: str
    menu: Sequence[Button]
    probed: Callable[[], Mapping[Key, tuple[Capability, int]]]
    probe: Callable[[], Sequence[Probed]]
    set_menu: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Way:
    """One channel as the page shows it; ``why`` it is closed, empty: it is in use."""

    channel: str
    account: str
    name: str
    capability: Capability | None
    probed_at: int | None
    why: str
    until: int | None


def pages(console: Console, platform: Platform, switches: Switches) -> None:
    """``/channels`` and what is done there."""

    @console.get("/channels", right="channels.see")
    def show(visit: Visit) -> Response:
        closed = switches.closed()
        probed = platform.probed()
        return visit.page(
            "channels.html",
            accounts=platform.accounts,
            kinds=ACCOUNT_KINDS,
            modes=MODES,
            public_url=platform.public_url,
            menu=platform.menu,
            ways=[_way(key, probed, closed.get(key)) for key in platform.ways],
            wider=[
                (channel, account, called(channel, account), one)
                for (channel, account), one in sorted(closed.items())
                if (channel, account) not in platform.ways
            ],
            names=CHANNEL_NAMES,
        )

    @console.post("/channels/close", right="channels.close", does="channels.close", shows=show)
    def close(posted: Posted) -> Done:
        channel, account = posted.text("channel"), posted.text("account")
        why = posted.text("why")
        switches.close(channel, account, why, posted.officer.name)
        said = f"已停用{called(channel, account)}。正在交付的收不回，其余的留在队列里等启用。"
        return Done("/channels", said, object_of(channel, account), why)

    @console.post(
        "/channels/open", right="channels.close", does="channels.open", shows=show, confirm=True
    )
    def open_again(posted: Posted) -> Done:
        channel, account = posted.text("channel"), posted.text("account")
        switches.open(channel, account, posted.officer.name)
        said = f"已启用{called(channel, account)}，排队的接着发。"
        return Done("/channels", said, object_of(channel, account))

    @console.post("/channels/probe", right="channels.set", does="channels.probe", shows=show)
    def probe(_: Posted) -> Done:
        found = platform.probe()
        bad = sum(not one.capability.usable for one in found)
        said = f"检查了 {len(found)} 个渠道，" + (f"{bad} 个不能用。" if bad else "都可以用。")
        return Done("/channels", said, "channel:all", said)

    @console.post(
        "/channels/menu/{account}",
        right="channels.set",
        does="channels.set",
        shows=show,
        confirm=True,
    )
    def set_menu(posted: Posted) -> Done:
        account = str(posted.path["account"])
        if account not in {one.name for one in platform.accounts}:
            raise NotHere("没有设置这个公众号。")
        platform.set_menu(account)
        said = f"公众号 {account} 的菜单已换好，群众五分钟内看到。"
        return Done("/channels", said, f"menu:{account}")


def _way(key: Key, probed: Mapping[Key, tuple[Capability, int]], closed: Closure | None) -> Way:
    capability, at = probed.get(key, (None, None))
    return Way(
        *key,
        called(*key),
        capability,
        at,
        closed.why if closed else "",
        closed.until if closed else None,
    )
