"""``zwgk notice``: compose a notice, see whom it concerns, have it approved, send it, take it back."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import bootstrap
from bot.channels.cost import cost, in_yuan
from bot.channels.names import CHANNEL_NAMES
from bot.clock import CHINA, china_clock, chinese_moment
from bot.notices import reading
from bot.notices.approval import Approvals
from bot.notices.checks import Facts, Finding, check
from bot.notices.model import (
    PUSH_NAMES,
    Attribute,
    Notice,
    Plan,
    Purpose,
    Push,
    Text,
)
from bot.notices.names import NOTICE_NAMES, PURPOSE_NAMES
from bot.notices.naming import one_of, rule_of
from bot.notices.service import Notices
from bot.notices.suggesting import Suggestion, near_items
from bot.settings import Settings
from bot.subscriptions.groups import national_groups
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused
from catalogue_index.model import Item

from .console import Json, print_json, print_table, say, settings
from .usage import Command, Group

app = typer.Typer(cls=Group, help="通知：拟写、检查、审批、推送、撤回。")

NoticeId = Annotated[str, typer.Argument(help="通知的编号", metavar="通知")]
PushId = Annotated[str, typer.Argument(help="推送的编号", metavar="推送")]
By = Annotated[str, typer.Option(help="谁来做：设置里 [[officer]] 的姓名")]
Note = Annotated[str, typer.Option(help="说明或理由")]
File = Annotated[Path | None, typer.Option(help="从文件读标题和正文：txt、docx，或另存的网页 html")]
Fetch = Annotated[bool, typer.Option("--fetch", help="从 --url 的网页读标题和正文")]
Title = Annotated[str, typer.Option(help="标题")]
Body = Annotated[str, typer.Option(help="正文或摘要")]
Url = Annotated[str, typer.Option(help="政府网站上的原文网址")]
Issuer = Annotated[str, typer.Option(help="发文机关")]
Number = Annotated[str, typer.Option(help="文号，例如 高民〔2026〕12号")]
Openness = Annotated[str, typer.Option(help="公开属性：主动公开、依申请公开、不予公开")]
Interpretation = Annotated[str, typer.Option(help="政策解读的网址")]
Uninterpreted = Annotated[str, typer.Option(help="没有解读的理由")]
Until = Annotated[str, typer.Option(help="有效期至，例如 2027-12-31")]


class _Office:
    """What a command works with, made when it is needed."""

    @cached_property
    def settings(self) -> Settings:
        return settings()

    @cached_property
    def _operations(self) -> tuple[Any, Any]:
        return bootstrap.operations(self.settings)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self._operations[0], china_clock)

    @cached_property
    def approvals(self) -> Approvals:
        return bootstrap.approvals(self.settings, *self._operations)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a line says of a text; what it leaves empty comes from the file, or stays as it was."""

    title: str
    body: str
    url: str
    issuer: str
    number: str
    attribute: str
    interpretation: str
    uninterpreted: str
    valid_until: str

    def over(self, text: Text) -> Text:
        """``text`` with what is given in its place."""
        values: dict[str, Any] = {k: v for k, v in asdict(self).items() if v}
        if self.attribute:
            values["attribute"] = _attribute(self.attribute)
        if self.valid_until:
            values["valid_until"] = _day(self.valid_until)
        return replace(text, **values)


# --- composing -----------------------------------------------------------------------------------


@app.command("new", cls=Command)
def new(
    by: By,
    area: Annotated[str, typer.Option(help="地区：代码（441204）或名称（高要区）")],
    file: File = None,
    fetch: Fetch = False,
    title: Title = "",
    body: Body = "",
    url: Url = "",
    issuer: Issuer = "",
    number: Number = "",
    attribute: Openness = Attribute.ACTIVE,
    policy: Annotated[bool, typer.Option("--policy", help="是政策文件，要有解读")] = False,
    interpretation: Interpretation = "",
    uninterpreted: Uninterpreted = "",
    valid_until: Until = "",
    as_json: Json = False,
) -> None:
    """拟一份通知。同一个文号或网址只能有一份。"""
    office = _Office()
    office.approvals.may_draft(by)
    given = _Given(
        title, body, url, issuer, number, attribute, interpretation, uninterpreted, valid_until
    )
    text = given.over(replace(_read(file, url if fetch else ""), policy=policy))
    made = office.notices.compose(text, national_areas().find(area).code, by)
    _tell(made, f"已保存通知 {made.id}。下一步：zwgk notice check {made.id}", as_json)


@app.command("edit", cls=Command)
def edit(
    notice: NoticeId,
    by: By,
    file: File = None,
    fetch: Fetch = False,
    title: Title = "",
    body: Body = "",
    url: Url = "",
    issuer: Issuer = "",
    number: Number = "",
    attribute: Openness = "",
    interpretation: Interpretation = "",
    uninterpreted: Uninterpreted = "",
    valid_until: Until = "",
    note: Note = "",
    as_json: Json = False,
) -> None:
    """修改通知。已经审批的推送退回草稿，审批全部作废；公开的页面等新内容批准后才变。"""
    office = _Office()
    office.approvals.may_draft(by)
    before = office.notices.find(notice).proposed
    if file or fetch:
        read = _read(file, (url or before.url) if fetch else "")
        before = replace(before, title=read.title, body=read.body)
    given = _Given(
        title, body, url, issuer, number, attribute, interpretation, uninterpreted, valid_until
    )
    edited = office.notices.edit(notice, given.over(before), note, office.approvals.reopen)
    _tell(edited, f"已修改通知 {notice}（第 {edited.proposed_version} 版）。", as_json)


@app.command("list", cls=Command)
def list_notices(as_json: Json = False) -> None:
    """列出全部通知，最新的在前。"""
    found = _Office().notices.all()
    if as_json:
        print_json([_notice_json(one) for one in found])
        return
    rows = [
        (
            n.id,
            n.proposed.title,
            n.text.number,
            _area(n.area),
            NOTICE_NAMES[n.state],
            _when(n.created_at),
        )
        for n in found
    ]
    print_table("通知", ["编号", "标题", "文号", "地区", "状态", "拟写时间"], rows)


@app.command("show", cls=Command)
def show(notice: NoticeId, as_json: Json = False) -> None:
    """一份通知的内容和它的推送。"""
    office = _Office()
    found, pushes = office.notices.find(notice), office.notices.pushes(notice)
    if as_json:
        print_json(_notice_json(found) | {"pushes": [_push_json(p) for p in pushes]})
        return
    text = found.proposed
    lines = {
        "标题": text.title,
        "文号": text.number,
        "发文机关": text.issuer,
        "公开属性": text.attribute,
        "原文": text.url,
        "解读": text.interpretation or text.uninterpreted,
        "有效期至": text.valid_until or "",
        "地区": _area(found.area),
        "状态": f"{NOTICE_NAMES[found.state]}，第 {found.version} 版"
        + ("（有未批准的改动）" if found.draft else ""),
        "正文": text.body,
    }
    print_table(f"通知 {found.id}", ["", ""], [(k, v) for k, v in lines.items() if v])
    rows = [
        (p.id, PURPOSE_NAMES[p.purpose], f"第 {p.version} 版", PUSH_NAMES[p.state]) for p in pushes
    ]
    if rows:
        print_table("推送", ["编号", "目的", "版本", "状态"], rows)


@app.command("check", cls=Command)
def check_notice(
    notice: NoticeId,
    channel: Annotated[list[str], typer.Option(help="渠道，可以写几次")] = [],  # noqa: B006
    probe: Annotated[bool, typer.Option("--probe", help="打开原文网址看看通不通")] = False,
    as_json: Json = False,
) -> None:
    """检查一份通知：哪些必须改，哪些要人核对。有必须改的，退出码为 1。"""
    office = _Office()
    text = office.notices.find(notice).proposed
    alive = reading.answers(text.url) if probe else None
    channels = tuple(map(_channel, channel or CHANNEL_NAMES))
    found = check(text, Facts(china_clock().date(), alive, channels, office.approvals.link(notice)))
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        print_table(
            f"通知 {notice} 的检查", ["", "编号", "问题", "依据"], [_finding_row(f) for f in found]
        )
    else:
        say("检查通过，没有问题。")
    if any(one.blocks for one in found):
        raise typer.Exit(1)


@app.command("suggest", cls=Command)
def suggest(
    notice: Annotated[str, typer.Argument(help="通知的编号", metavar="[通知]")] = "",
    batch: Annotated[
        Path | None,
        typer.Option(help="每行一个 JSON：id、notice_title、notice_summary；逐行输出建议"),
    ] = None,
    as_json: Json = False,
) -> None:
    """建议一份通知涉及哪些领域、适合哪些人群，并说明理由。最后由人决定。"""
    office = _Office()
    if bool(notice) == bool(batch):
        raise Refused("请写一份通知的编号，或用 --batch 写一个文件，二者选一。")
    suggester = bootstrap.suggester(office.settings)
    if batch:
        for line in _lines(batch):
            found = suggester.suggest(line["notice_title"], line["notice_summary"])
            print(json.dumps({"id": line["id"]} | _suggestion_json(found), ensure_ascii=False))
        return
    kept = office.notices.find(notice)
    text = kept.proposed
    found = suggester.suggest(text.title, text.body)
    found = found.with_items(_items(office.settings, text.title, kept.area), national_groups())
    if as_json:
        items = [{"id": one.name, "reasons": list(one.reasons)} for one in found.items]
        told = _suggestion_json(found) | {"items": items, "areas": [kept.area]}
        print_json({"id": notice} | told)
        return
    rows = [("领域", one.name, "；".join(one.reasons)) for one in found.sectors]
    rows += [("人群", one.name, "；".join(one.reasons)) for one in found.groups]
    rows += [("事项", one.name, "；".join(one.reasons)) for one in found.items]
    rows.append(("地区", _area(kept.area), "通知所属的地区，含下级"))
    print_table(f"通知 {notice} 可以发给谁", ["", "建议", "理由"], rows)


# --- approving -----------------------------------------------------------------------------------


@app.command("submit", cls=Command)
def submit(
    notice: NoticeId,
    by: By,
    channel: Annotated[list[str], typer.Option(help="渠道，按先后顺序，可以写几次")] = [],  # noqa: B006
    sector: Annotated[list[str], typer.Option(help="领域，可以写几次")] = [],  # noqa: B006
    group: Annotated[list[str], typer.Option(help="人群，可以写几次")] = [],  # noqa: B006
    item: Annotated[list[str], typer.Option(help="事项，可以写几次")] = [],  # noqa: B006
    area: Annotated[list[str], typer.Option(help="地区，不写则是通知的地区")] = [],  # noqa: B006
    everyone: Annotated[bool, typer.Option("--everyone", help="推送给地区内全部订阅者")] = False,
    all_channels: Annotated[
        bool, typer.Option("--all-channels", help="每个渠道都发，不等前一个失败")
    ] = False,
    purpose: Annotated[
        str, typer.Option(help="first 首次、reminder 提醒、correction 更正、withdrawal 撤回说明")
    ] = Purpose.FIRST,
    reason: Annotated[str, typer.Option(help="提醒、更正、撤回说明的理由")] = "",
    follows: Annotated[str, typer.Option(help="接着哪一次推送")] = "",
    urgent: Annotated[str, typer.Option(help="紧急推送的理由；紧急的不避开夜间")] = "",
    workdays: Annotated[
        bool, typer.Option("--workdays", help="周末和节假日不发（紧急的照发）")
    ] = False,
    hours: Annotated[int, typer.Option(min=1, max=720, help="批准后多少小时内发完")] = 48,
    cost_cap: Annotated[float, typer.Option(min=0, help="最多花多少元")] = 0,
    at: Annotated[str, typer.Option(help="什么时候开始发，例如 2026-12-01T09:00")] = "",
    confirm: Annotated[
        list[str], typer.Option(help="已核对的检查项，例如 phones，可以写几次")
    ] = [],  # noqa: B006
    probe: Annotated[bool, typer.Option("--probe", help="打开原文网址看看通不通")] = False,
    as_json: Json = False,
) -> None:
    """拟一次推送并提交审批：定下发给谁、走哪些渠道、最多花多少钱。"""
    office = _Office()
    text = office.notices.find(notice).proposed
    rule = rule_of(
        national_areas(),
        sectors=sector,
        items=item,
        groups=group,
        in_areas=area,
        everyone=everyone,
    )
    plan = Plan(
        rule,
        tuple(map(_channel, channel)),
        all_channels=all_channels,
        urgent=urgent,
        hours=hours,
        cost_cap=cost(cost_cap),
        follows=follows,
        workdays=workdays,
    )
    alive = reading.answers(text.url) if probe else None
    push = _drafted(office, notice, plan, by, _purpose(purpose), reason, _moment(at))
    submitted = office.approvals.submit(push.id, by, ticked=confirm, alive=alive)
    dossier = office.approvals.dossier(push.id)
    if as_json:
        print_json(_push_json(submitted) | {"dossier": asdict(dossier)})
        return
    figures = dossier.figures
    say(
        f"已提交推送 {push.id}：符合条件 {figures.matched} 人，发 {figures.included} 人，"
        f"不发 {figures.excluded} 人，最多 {in_yuan(dossier.cost)}。"
    )
    for why, count in figures.reasons.items():
        say(f"不发：{why}，{count} 人。")
    say(
        f"下一步：{office.approvals.standing(push.id).next_step}（zwgk notice approve {push.id}）。"
    )


@app.command("approve", cls=Command)
def approve(push: PushId, by: By, note: Note = "", as_json: Json = False) -> None:
    """做下一步审批。最后一步完成后开始发送（或等到计划的时间）。"""
    office = _Office()
    approved = office.approvals.approve(push, by, note)
    step = office.approvals.standing(push).next_step
    said = f"下一步：{step}。" if step else "审批完成，由 zwgk worker 按时发送。"
    _tell(approved, f"已审批推送 {push}。{said}", as_json)


@app.command("reject", cls=Command)
def reject(push: PushId, by: By, note: Note = "", as_json: Json = False) -> None:
    """退回给拟写人，要写明理由（--note）。"""
    _tell(_Office().approvals.reject(push, by, note), f"已退回推送 {push}。", as_json)


@app.command("status", cls=Command)
def status(push: PushId, as_json: Json = False) -> None:
    """一次推送到了哪一步，谁做过什么，发了多少。"""
    office = _Office()
    standing, events = office.approvals.standing(push), office.notices.history(push)
    counts = office.approvals.counts(push)
    if as_json:
        told = _push_json(standing.push) | {"next_step": standing.next_step, "letters": counts}
        print_json(told | {"events": [asdict(event) for event in events]})
        return
    next_step = f"，下一步：{standing.next_step}" if standing.next_step else ""
    say(f"推送 {push}：{PUSH_NAMES[standing.push.state]}{next_step}。")
    if counts:
        print_table("投递", ["状态", "条数"], list(counts.items()))
    rows = [(_when(e.at), e.who, e.what, "" if e.what == "submitted" else e.detail) for e in events]
    print_table("经过", ["时间", "谁", "什么", "说明"], rows)


# --- under way -----------------------------------------------------------------------------------


@app.command("send", cls=Command)
def send(push: PushId, by: By, as_json: Json = False) -> None:
    """马上开始一次已批准的推送。"""
    _tell(_Office().approvals.send(push, by), f"推送 {push} 开始发送。", as_json)


@app.command("pause", cls=Command)
def pause(push: PushId, by: By, as_json: Json = False) -> None:
    """暂停推送：正在交出去的会发完，其余的留着。"""
    _tell(_Office().approvals.pause(push, by), f"推送 {push} 已暂停。", as_json)


@app.command("resume", cls=Command)
def resume(push: PushId, by: By, as_json: Json = False) -> None:
    """继续一次暂停的推送。"""
    _tell(_Office().approvals.resume(push, by), f"推送 {push} 继续发送。", as_json)


@app.command("stop", cls=Command)
def stop(push: PushId, by: By, note: Note = "", as_json: Json = False) -> None:
    """停止推送：没交出去的全部取消，不能再继续。"""
    _tell(_Office().approvals.stop(push, by, note), f"推送 {push} 已停止。", as_json)


@app.command("withdraw", cls=Command)
def withdraw(push: PushId, by: By, as_json: Json = False) -> None:
    """撤销一次还没有开始的推送。"""
    _tell(_Office().approvals.withdraw(push, by), f"推送 {push} 已撤销。", as_json)


@app.command("recall", cls=Command)
def recall(notice: NoticeId, by: By, note: Note = "", as_json: Json = False) -> None:
    """撤回通知：通知页面马上显示已撤回，全部推送停止。已经收到的人另发撤回说明。"""
    recalled = _Office().approvals.recall(notice, by, note)
    _tell(
        recalled,
        f"通知 {notice} 已撤回，页面已更新。告知收到的人：zwgk notice submit {notice} "
        "--purpose withdrawal",
        as_json,
    )


# --- what is typed -------------------------------------------------------------------------------


def _drafted(
    office: _Office,
    notice: str,
    plan: Plan,
    by: str,
    purpose: Purpose,
    reason: str,
    not_before: int,
) -> Push:
    """A new draft, or the one of the same purpose that waits to be submitted, with the plan of this line."""
    version = office.notices.find(notice).proposed_version
    for push in office.notices.pushes(notice):
        same = (push.version, push.purpose, push.plan.follows) == (version, purpose, plan.follows)
        if same and push.state in ("draft", "rejected"):
            return office.approvals.change(push.id, plan, by, reason, not_before)
    return office.approvals.draft(notice, plan, by, purpose, reason, not_before)


def _items(chosen: Settings, title: str, area: str) -> list[tuple[str, Item]]:
    parts = bootstrap.services(chosen)
    return near_items(parts.answers.search, parts.library.current().item, title, area)


def _read(file: Path | None, url: str) -> Text:
    read = reading.Read("", "")
    if url:
        read = reading.read_page(reading.fetch(url), url)
    elif file:
        read = reading.read_notice(file)
    return Text(read.title, read.body, Attribute.ACTIVE, "", number=read.number)


def _lines(path: Path) -> Iterable[dict[str, str]]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"文件“{path}”读不出来。请核对路径，并用 UTF-8 编码保存。") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield {key: str(row[key]) for key in ("id", "notice_title", "notice_summary")}
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(
                f"文件“{path.name}”第 {number} 行写得不对：应为 JSON，有 id、notice_title、notice_summary。"
            ) from error


def _attribute(words: str) -> Attribute:
    return Attribute(one_of(words, [str(one) for one in Attribute], "公开属性"))


def _purpose(words: str) -> Purpose:
    return Purpose(one_of(words, [str(one) for one in Purpose], "目的"))


def _channel(words: str) -> str:
    return one_of(words, list(CHANNEL_NAMES), "渠道")


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise Refused(f"日期“{words}”写得不对，应形如 2027-12-31。") from None


def _moment(words: str) -> int:
    if not words:
        return 0
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise Refused(f"时间“{words}”写得不对，应形如 2026-12-01T09:00。") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=CHINA)).timestamp())


# --- what is shown -------------------------------------------------------------------------------


def _tell(done: Notice | Push, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(_notice_json(done) if isinstance(done, Notice) else _push_json(done))
    else:
        say(sentence)


def _notice_json(notice: Notice) -> dict[str, Any]:
    return _plain(asdict(notice)) | {"proposed_version": notice.proposed_version}


def _push_json(push: Push) -> dict[str, Any]:
    return _plain(asdict(push))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(values, default=str))
    return plain


def _suggestion_json(found: Suggestion) -> dict[str, Any]:
    both = (*found.sectors, *found.groups)
    return {
        "sectors": [one.name for one in found.sectors],
        "groups": [one.name for one in found.groups],
        "reasons": {one.name: list(one.reasons) for one in both},
    }


def _finding_row(found: Finding) -> tuple[str, ...]:
    mark = "必须改" if found.blocks else "请核对"
    where = f"（{CHANNEL_NAMES[found.channel]}）" if found.channel else ""
    return mark + where, found.check, found.sentence, found.source


def _area(code: str) -> str:
    found = national_areas().get(code)
    return found.name if found else code


def _when(second: int) -> str:
    return chinese_moment(datetime.fromtimestamp(second, CHINA))
