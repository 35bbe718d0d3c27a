"""四关: what every approver vouches for at their step, by name."""

from collections.abc import Collection
from dataclasses import dataclass

from .chain import ApprovalRefused

SOURCE = "国办发〔2018〕123号：分级分类审核、先审后发，严把政治关、法律关、保密关、文字关"


@dataclass(frozen=True, slots=True)
class Gate:
    """A 关: its id, its name, and what is to be looked at."""

    id: str
    name: str
    asks: str


GATES = (
    Gate("political", "政治关", "立场、提法、称谓准确，领导人姓名和职务、地图和区划名称没有差错"),
    Gate("legal", "法律关", "有制定依据，不与现行法律法规和政策抵触，属于应当主动公开的内容"),
    Gate("secrecy", "保密关", "经过保密审查，不涉及国家秘密、工作秘密、商业秘密和个人隐私"),
    Gate("wording", "文字关", "标题、日期、金额、电话、网址和文字已逐项核对"),
)
"""In the order in which the document of 2018 names them."""

EVERY = frozenset(gate.id for gate in GATES)


def said(ticked: Collection[str]) -> str:
    """The gates that a text passed, for the record; raises ``ApprovalRefused`` while one of them is not ticked."""
    if missing := [gate.name for gate in GATES if gate.id not in ticked]:
        raise ApprovalRefused(f"还没有确认{'、'.join(missing)}。请逐项核对，勾选后再同意。")
    return "、".join(gate.name for gate in GATES) + "已核"
