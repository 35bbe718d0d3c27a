"""What the API takes and gives, as OpenAPI and ``/docs`` tell it."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.notices.model import Attribute, NoticeState, Purpose, PushState

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Words = Annotated[str, StringConstraints(max_length=100_000)]
Names = Annotated[tuple[Line, ...], Field(max_length=200)]


class Shape(BaseModel):
    """All that is given or taken; nothing else is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Refusal(Shape):
    """没有执行的原因。"""

    detail: str = Field(description="错在哪里、怎么改")
    field: str = Field(description="哪一项写得不对；不是某一项的问题时为空")


class Me(Shape):
    """这个密钥是谁的、能做什么。"""

    name: str = Field(description="密钥的名称")
    officer: str = Field(description="以谁的名义")
    roles: list[str] = Field(description="岗位")
    areas: list[str] = Field(description="负责的地区代码；空为全部")
    rights: list[str] = Field(description="可以做什么")
    expires_at: int = Field(description="到期时间，1970 年以来的秒数")


class NoticeIn(Shape):
    """一份通知。文号和网址至少写一个：同一份文件只能有一份通知。"""

    title: Line = Field(examples=["关于2026年度残疾人两项补贴申领的通知"], description="标题")
    body: Words = Field("", description="正文或摘要")
    attribute: Attribute = Field(Attribute.ACTIVE, description="公开属性；只有主动公开的能推送")
    url: Url = Field("", description="政府网站上的原文网址")
    number: Line = Field("", examples=["高民〔2026〕12号"], description="文号")
    issuer: Line = Field("", description="发文机关")
    policy: bool = Field(False, description="是否政策文件，要有解读")
    interpretation: Url = Field("", description="政策解读的网址")
    uninterpreted: Line = Field("", description="没有解读的理由")
    valid_until: date | None = Field(None, description="有效期至")


class NewNotice(NoticeIn):
    """一份新通知。"""

    area: Line = Field(examples=["441204"], description="地区代码")


class Notice(NoticeIn):
    """一份通知和它的状态。"""

    id: str = Field(description="编号")
    area: str = Field(description="地区代码")
    state: NoticeState = Field(
        description="draft 草稿，published 已公开，updated 已更新，recalled 已撤回"
    )
    version: int = Field(description="第几版")
    page: str = Field(description="公开页面的网址；公开之前打不开")
    created_by: str = Field(description="谁拟写的")
    created_at: int = Field(description="拟写时间，1970 年以来的秒数")


class Notices(Shape):
    """通知，最新的在前。"""

    notices: list[Notice]


class Finding(Shape):
    """检查发现的一个问题。"""

    check: str = Field(description="检查项")
    blocks: bool = Field(description="true：不改就不能提交；false：核对后勾选（ticked）即可")
    sentence: str = Field(description="问题是什么、怎么改")
    source: str = Field(description="依据")
    channel: str = Field(description="只影响哪个渠道；空为全部")


class RuleIn(Shape):
    """发给谁：订阅了这些领域、事项或人群中任意一个的人，地区不写为通知的地区。"""

    sectors: Names = Field((), examples=[["社会救助"]], description="领域")
    items: Names = Field((), description="事项")
    groups: Names = Field((), examples=[["残疾人"]], description="人群")
    areas: Names = Field((), description="地区代码")
    everyone: bool = Field(False, description="地区内全部订阅者")


class PushIn(Shape):
    """怎么发。"""

    rule: RuleIn = Field(default_factory=lambda: RuleIn.model_validate({}), description="发给谁")
    channels: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10)] = Field(
        examples=[["wechat_notice"]], description="渠道，按先后：前一个失败了才用下一个"
    )
    all_channels: bool = Field(False, description="每个渠道都发，不等前一个失败")
    urgent: Line = Field("", description="紧急推送的理由；紧急的不避开夜间")
    workdays: bool = Field(False, description="周末和节假日不发；紧急的照发")
    hours: int = Field(48, ge=1, le=720, description="批准后多少小时内发完")
    cost_cap: float = Field(0, ge=0, le=10_000_000, description="最多花多少元")
    not_before: int = Field(
        0, ge=0, le=2**40, description="什么时候开始，1970 年以来的秒数；0 为批准后"
    )
    purpose: Purpose = Field(
        Purpose.FIRST, description="first 首次，reminder 提醒，correction 更正，withdrawal 撤回说明"
    )
    reason: Line = Field("", description="提醒、更正、撤回说明的理由")
    follows: Line = Field("", description="接着哪一次推送")


class SubmitIn(Shape):
    """提交审批。"""

    ticked: Names = Field((), description="核对过的检查项（findings 里 blocks 为 false 的 check）")


class Step(Shape):
    """做过的一步审批。"""

    step: str
    officer: str
    decision: str
    at: int


class Push(Shape):
    """一次推送。审批只能由人在管理台里做。"""

    id: str = Field(description="编号")
    notice: str = Field(description="通知的编号")
    version: int = Field(description="通知的第几版")
    purpose: Purpose
    state: PushState = Field(description="走到哪一步")
    next_step: str = Field(description="等谁审批；空为不等")
    approvals: list[Step] = Field(description="做过的审批")
    letters: dict[str, int] = Field(description="投递：状态 → 条数")


class ReportOut(Shape):
    """一次推送的结果：matched 等于 lines 之和。"""

    push: str
    matched: int = Field(description="符合条件的人数")
    reached: int = Field(description="送到的人数")
    lines: dict[str, int] = Field(description="结果 → 人数")
    cost: int = Field(description="费用，万分之一元")


class Suggestion(Shape):
    """建议的领域或人群。"""

    name: str
    reasons: list[str]


class SuggestIn(Shape):
    """一份通知的标题和摘要。"""

    title: Line
    summary: Words = ""


class Suggestions(Shape):
    """可能与哪些领域、人群有关；由人决定。"""

    sectors: list[Suggestion]
    groups: list[Suggestion]


class RecordOut(Shape):
    """一条操作记录。"""

    number: int
    at: int
    who: str
    action: str
    object: str
    origin: str
    outcome: str
    detail: str
    hash: str


class RecordsOut(Shape):
    """操作记录，旧的在前，便于日志系统接着取。"""

    records: list[RecordOut]
