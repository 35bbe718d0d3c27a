"""What ``/api/ask`` takes and gives, as OpenAPI and ``/docs`` tell it; a test holds real answers to it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Ask(BaseModel):
    """提问。"""

    question: str = Field(
        examples=["低保申请需要公示吗？"], description="问题，最多 500 字；口语、简称、错别字都可以"
    )
    area: str | None = Field(
        None,
        examples=["441204"],
        description="提问人所在地区：名称或代码；不写时用公众号所属地区，都没有就先问地区",
    )
    context: str | None = Field(
        None, examples=["低保怎么申请"], description="同一个人的上一个问题，用于接着问"
    )
    tapped: bool = Field(
        False, examples=[False], description="是不是点选项发来的；点选的不算一次提问，不保存"
    )


class SourceShape(BaseModel):
    """出处：答案依据的官方原文。不同类型的出处另有定位项，如第几问、第几行。"""

    model_config = ConfigDict(extra="allow")

    type: Literal["faq", "catalogue", "plan"] = Field(
        description="faq 官方答疑，catalogue 标准目录，plan 实施方案"
    )
    document: str = Field(description="文件编号，也是原文页 /sources/编号")
    document_title: str = Field(description="文件标题")
    document_number: str = Field(description="文号；没有则为空")
    area: str = Field(description="文件适用地区的代码")
    area_name: str = Field(description="文件适用地区的名称")
    date: str = Field(description="文件日期，知道多少写多少")
    title: str = Field(description="这一段的标题、问题或事项名称")
    quote: str | dict[str, str] = Field(description="官方原文，一字不改；目录事项为“栏目：内容”")
    binding: bool = Field(description="是否适用于提问人所在地区；否则仅供参考")
    page: str = Field(description="公开页面的路径")


class ChoiceShape(BaseModel):
    """一个可选项：发送 message 就是选它。"""

    model_config = ConfigDict(extra="forbid")

    label: str = Field(description="给人看的文字")
    message: str = Field(description="选它时要发送的问题")
    source: SourceShape | None = Field(description="它的出处")


class AnswerShape(BaseModel):
    """答复。"""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["answer", "choices", "declined", "handover"] = Field(
        description="answer 有依据的答复，choices 请选择，declined 不能回答，handover 转人工"
    )
    route: str = Field(description="问题属于哪一类，如 faq、catalogue、plan、chitchat")
    text: str = Field(description="给人看的全文")
    confidence: float = Field(ge=0, le=1, description="把握，0 到 1")
    sources: list[SourceShape] = Field(description="出处；第一个是主要依据")
    choices: list[ChoiceShape] = Field(description="请提问人从中选一个")
    related: list[ChoiceShape] = Field(description="还可以问的问题")
    reasons: list[str] = Field(description="为什么是这个答案")
    flagged: bool = Field(description="是否应由工作人员看一看")


class RefusalShape(BaseModel):
    """没有处理的原因。"""

    model_config = ConfigDict(extra="forbid")

    detail: str = Field(description="错在哪里、怎么改")
    field: str = Field(description="哪一项：question、area、context 或 body")
