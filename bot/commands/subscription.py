"""``zwgk subscription``: who wants to hear of what; registers, stopped addresses, QR codes and posters."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import bootstrap
from bot.clock import CHINA, china_clock, chinese_day
from bot.settings import AccountKind, WeChatSettings
from bot.storage.database import Database
from bot.storage.vault import Vault
from bot.subscriptions import reaching, records, scenes
from bot.subscriptions.address_book import Refusal, mailbox, mobile, read_book
from bot.subscriptions.erasing import erase
from bot.subscriptions.importing import Taken, take
from bot.subscriptions.model import Digest, Kind, Scene, Standing, Topic
from bot.subscriptions.poster import draw, find_font, poster_for, save
from bot.subscriptions.repository import Reach
from bot.subscriptions.topics import national_topics
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused
from catalogue_index.readers import read_grids

from .console import Json, print_json, print_table, say, settings, steps
from .usage import Command, Group

app = typer.Typer(cls=Group, help="订阅：谁想收到什么，名单导入，停发，二维码和海报。")
scene = typer.Typer(cls=Group, help="订阅二维码和海报。")
app.add_typer(scene, name="scene")

Where = Annotated[str, typer.Option(help="地区：代码（441204）或名称（高要区），含下级")]
Sector = Annotated[str, typer.Option(help="领域，例如 养老服务")]
ForGroup = Annotated[str, typer.Option("--group", help="人群，例如 低保对象")]
Who = Annotated[str, typer.Argument(help="手机号、邮箱，或 list 里的标识")]

_STANDINGS = {
    Standing.ACTIVE: "正常接收",
    Standing.PAUSED: "暂停",
    Standing.ENDED: "已停止",
}
_DIGESTS = {Digest.IMMEDIATE: "及时", Digest.WEEKLY: "每周"}
_MEDIA = {"wechat": "微信", "email": "邮件", "sms": "短信"}
_FIGURES = tuple(field.name for field in fields(records.Figures))
_SHOWN_HASH = 12


@app.command("list", cls=Command)
def list_subscribers(
    area: Where = "",
    sector: Sector = "",
    group: ForGroup = "",
    limit: Annotated[int, typer.Option(min=1, help="最多几人，最新的在前")] = 50,
    as_json: Json = False,
) -> None:
    """列出订阅的人：只有标识，没有姓名、号码。"""
    topic = _topic(sector, group, "") if sector or group else None
    with _opened() as (database, _), database.read() as connection:
        found = records.rows(connection, area=_code(area), topic=topic, most=limit)
    if as_json:
        print_json([asdict(row) for row in found])
    else:
        print_table("订阅的人", _COLUMNS, [_cells(row) for row in found])


@app.command(cls=Command)
def stats(as_json: Json = False) -> None:
    """按领域、人群、地区等统计订阅人数。"""
    with _opened() as (database, _), database.read() as connection:
        found = records.figures(connection)
    if as_json:
        topics = [{**asdict(topic), "people": count} for topic, count in found.topics.items()]
        print_json({name: getattr(found, name) for name in _FIGURES} | {"topics": topics})
        return
    by_standing = [(_STANDINGS[Standing(s)], count) for s, count in found.standing.items()]
    by_area = [(_area_name(code) or "没有说明", count) for code, count in found.areas.items()]
    tables = {
        "状态": [*by_standing, ("停发的号码和邮箱", found.suppressed)],
        "领域、事项和人群": [(records.label(t), count) for t, count in found.topics.items()],
        "地区": by_area,
        "渠道": [(_MEDIA.get(name, name), count) for name, count in found.media.items()],
        "接收方式": [(_DIGESTS[Digest(name)], count) for name, count in found.digests.items()],
    }
    for title, rows in tables.items():
        print_table(title, [title, "人数"], rows)


@app.command(cls=Command)
def show(who: Who) -> None:
    """本人查询时用：我们保存的这个人的全部内容（JSON），不含号码本身。"""
    with _opened() as (database, vault), database.read() as connection:
        persons = records.persons_called(connection, vault, who)
        print_json([records.record(connection, vault, person) for person in persons])


@app.command("import", cls=Command)
def import_register(
    file: Annotated[Path, typer.Argument(help="登记表：Excel 或 CSV")],
    area: Annotated[str, typer.Option(help="没有写地区的行，算哪个地区")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不保存")] = False,
    as_json: Json = False,
) -> None:
    """导入本人同意接收通知的登记表；没有同意、日期或依据的行不导入，并列出原因。姓名不保存。"""
    now = china_clock()
    grids = read_grids(file)
    book = read_book(grids, national_topics(), national_areas(), now.date(), _code(area))
    with _opened() as (database, vault), steps() as step:
        step("保存")
        moment = int(now.timestamp())
        taken = take(database, vault, book.entries, file.name, moment, dry=dry_run)
    refused = sorted((*book.refusals, *taken.refusals), key=lambda refusal: refusal.row)
    if as_json:
        counts = {"new": taken.new, "more": taken.more, "same": taken.same, "folded": book.folded}
        print_json({**counts, "refused": [asdict(one) for one in refused], "dry_run": dry_run})
    else:
        _tell_import(taken, book.folded, refused, dry_run)


@app.command(cls=Command)
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="写到哪个 .csv 文件")],
    area: Where = "",
) -> None:
    """把订阅情况导出成表格，不含姓名、号码。"""
    with _opened() as (database, _), database.read() as connection:
        found = records.rows(connection, area=_code(area))
    # The mark at the beginning lets Excel read the Chinese.
    with output.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(_cells(row) for row in found)
    say(f"已导出 {len(found)} 人到 {output}。")


@app.command(cls=Command)
def suppress(
    address: Annotated[str, typer.Argument(help="手机号或邮箱")],
    reason: Annotated[str, typer.Option(help="为什么停发")] = "本人要求",
) -> None:
    """停发：不再向这个号码或邮箱发送，以后导入名单也不会恢复。"""
    if not reason.strip():
        raise Refused("请写明为什么停发，例如 --reason 本人要求。")
    with _opened() as (database, vault), database.write() as connection:
        reaching.stop(connection, vault, _reach(address), reason.strip()[:64], _now())
    say("已停发。要恢复，用 zwgk subscription restore。")


@app.command(cls=Command)
def restore(address: Annotated[str, typer.Argument(help="手机号或邮箱")]) -> None:
    """恢复：停发的号码或邮箱可以再用。本人退订过的，仍要本人重新订阅。"""
    with _opened() as (database, vault), database.write() as connection:
        hashed = _reach(address).hash(vault)
        if not reaching.suppress(connection, hashed, "", _now()):
            raise Refused("没有登记过这个号码或邮箱，不用恢复。")
    say("已恢复。")


@app.command("erase", cls=Command)
def erase_person(
    who: Who,
    sure: Annotated[bool, typer.Option("--yes", help="确定清除")] = False,
) -> None:
    """清除一个人的全部内容；发送统计里只留下无法对应到人的条数。不能恢复。"""
    with _opened() as (database, vault):
        with database.read() as connection:
            persons = records.persons_called(connection, vault, who)
        if not sure:
            raise Refused(f"会清除 {len(persons)} 人的全部内容，不能恢复。确定的话，加上 --yes。")
        with database.statements(writing=True) as statements:
            for person in persons:
                erase(statements, person)
    say(f"已清除 {len(persons)} 人。")


# QR codes


@scene.command("new", cls=Command)
def new_scene(
    label: Annotated[str, typer.Option(help="贴在哪里、做什么用，例如 南岸街道便民服务中心")],
    sector: Sector = "",
    group: ForGroup = "",
    item: Annotated[str, typer.Option(help="事项的名称")] = "",
    area: Where = "",
    as_json: Json = False,
) -> None:
    """新建一个订阅二维码：扫码关注，就订阅了这个领域、人群或事项。"""
    topic, code = _topic(sector, group, item), _code(area) or None
    if not label.strip():
        raise Refused("请写明二维码贴在哪里、做什么用，例如 --label 南岸街道便民服务中心。")
    with _opened() as (database, _), database.write() as connection:
        made = scenes.create(connection, topic, label.strip()[:200], code, _now())
    if as_json:
        print_json(asdict(made))
    else:
        say(f"二维码 {made.key} 已建好。用 zwgk subscription scene poster {made.key} 做海报。")


@scene.command("list", cls=Command)
def list_scenes(as_json: Json = False) -> None:
    """列出订阅二维码。"""
    with _opened() as (database, _), database.read() as connection:
        found = scenes.listed(connection)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [(one.key, records.label(one.topic), _area_name(one.area), one.label) for one in found]
    print_table("订阅二维码", ["编号", "订阅", "地区", "用处"], rows)


@scene.command(cls=Command)
def link(
    key: Annotated[str, typer.Argument(help="二维码的编号")],
    account: Annotated[str, typer.Option(help="公众号的简称；只有一个时不用写")] = "",
    as_json: Json = False,
) -> None:
    """向微信公众平台申请二维码：给出二维码里的网址，和图片的网址（限认证的服务号，每个号最多十万个）。"""
    with _opened() as (database, vault):
        _scene(database, key)
        chosen = _account(account)
        if chosen is None:
            raise Refused("还没有设置公众号。请在 zwgk.toml 里加一段 [[wechat]]。")
        made = bootstrap.permanent_code(settings(), database, vault, chosen.name, key)
    if as_json:
        print_json({"key": key, "url": made.url, "image": made.image})
    else:
        say(f"二维码里的网址：{made.url}")
        say(f"二维码的图片：{made.image}")


@scene.command("remove", cls=Command)
def remove_scene(key: Annotated[str, typer.Argument(help="二维码的编号")]) -> None:
    """停用一个订阅二维码；已经订阅的人不受影响。"""
    with _opened() as (database, _), database.write() as connection:
        if not scenes.remove(connection, key):
            raise Refused(f"没有编号为“{key}”的二维码。用 zwgk subscription scene list 查看。")
    say(f"二维码 {key} 已停用。")


@scene.command(cls=Command)
def poster(
    key: Annotated[str, typer.Argument(help="二维码的编号")],
    output: Annotated[Path, typer.Option("-o", "--output", help="写到哪个 .pdf 或 .png 文件")],
    office: Annotated[str, typer.Option(help="落款：单位的名称")],
    account: Annotated[str, typer.Option(help="公众号的简称；只有一个时不用写")] = "",
    link: Annotated[
        str, typer.Option(help="二维码里的网址；不写则向微信公众平台申请（限认证的服务号）")
    ] = "",
    font: Annotated[Path | None, typer.Option(help="中文字体文件；不写则用系统里的")] = None,
) -> None:
    """做一张 A4 海报：二维码、怎么订阅、怎么退订。订阅号没有带参数的二维码，海报改为请人关注后发送订阅的词。"""
    with _opened() as (database, vault):
        found = _scene(database, key)
        chosen = _account(account)
        by_word = chosen is not None and chosen.kind is AccountKind.SUBSCRIPTION
        if chosen and not by_word and not link:
            link = bootstrap.permanent_code(settings(), database, vault, chosen.name, key).url
    made = poster_for(found, office, link, by_word=by_word)
    drawn = draw(made, (font, 0) if font else find_font())
    save(drawn, output)
    say(f"海报写在 {output}，用 A4 纸打印。张贴前请先用手机扫一次。")


_COLUMNS = ("标识", "状态", "地区", "订阅", "联系方式", "接收", "起始")


def _cells(row: records.Row) -> tuple[str, ...]:
    return (
        row.person[:_SHOWN_HASH],
        _STANDINGS[row.standing],
        _area_name(row.area),
        "、".join(map(records.label, row.topics)),
        "、".join(_MEDIA.get(medium, medium) for medium in row.media),
        _DIGESTS[Digest(row.digest)],
        chinese_day(datetime.fromtimestamp(row.since, CHINA)),
    )


def _tell_import(taken: Taken, folded: int, refused: Sequence[Refusal], dry: bool) -> None:
    if refused:
        rows = [(one.row, one.ending, one.why) for one in refused]
        print_table("没有导入的行", ["行", "手机尾号", "原因"], rows)
    done = "检查完毕，没有保存" if dry else "导入完毕"
    say(
        f"{done}：新增 {taken.new} 人，补充 {taken.more} 人，没有变化 {taken.same} 人，"
        f"重复的 {folded} 行已合并，没有导入 {len(refused)} 行。"
    )


@contextmanager
def _opened() -> Iterator[tuple[Database, Vault]]:
    database, vault = bootstrap.operations(settings())
    try:
        yield database, vault
    finally:
        database.close()


def _topic(sector: str, group: str, item: str) -> Topic:
    """The one topic named; raises ``Refused``."""
    if sum(map(bool, (sector, group, item))) != 1:
        raise Refused("请在 --sector（领域）、--group（人群）、--item（事项）里写一个，只写一个。")
    if item.strip():
        return Topic(Kind.ITEM, item.strip()[:200])
    return national_topics().only(Kind.SECTOR if sector else Kind.GROUP, sector or group)


def _reach(address: str) -> Reach:
    if phone := mobile(address):
        return Reach("sms", phone)
    if mail := mailbox(address):
        return Reach("email", mail)
    raise Refused("这不是手机号，也不是邮箱。手机号应为 11 位数字。")


def _scene(database: Database, key: str) -> Scene:
    with database.read() as connection:
        found = [one for one in scenes.listed(connection) if one.key == key]
    if not found:
        raise Refused(f"没有编号为“{key}”的二维码。用 zwgk subscription scene list 查看。")
    return found[0]


def _account(name: str) -> WeChatSettings | None:
    """The account of that name, or the only one; ``None`` where none is set up."""
    accounts = settings().wechat
    if not name and len(accounts) > 1:
        names = "、".join(one.name for one in accounts)
        raise Refused(f"有几个公众号，请用 --account 写明是哪一个：{names}。")
    found = [one for one in accounts if name in ("", one.name)]
    if name and not found:
        raise Refused(f"没有设置名为“{name}”的公众号。请核对 zwgk.toml。")
    return found[0] if found else None


def _code(area: str) -> str:
    return national_areas().find(area).code if area else ""


def _area_name(code: str | None) -> str:
    """The full name; of a town that the list lacks, its county's and the code."""
    return national_areas().get(code, code).full_name if code else ""


def _now() -> int:
    return int(china_clock().timestamp())
