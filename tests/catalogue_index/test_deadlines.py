"""What 公开时限 says, in the wordings that counties publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_index.deadlines import Deadline, deadlines, lost_unit

WORDINGS = {
    "信息形成或者变更之日起20个工作日内": (Deadline(20, "工作日", "信息形成或者变更"),),
    "自该政府信息形成或者变更之日起20个工作日内及时公开": (
        Deadline(20, "工作日", "该政府信息形成或者变更"),
    ),
    "信息形成(变更)20个工作日内": (Deadline(20, "工作日", "信息形成(变更)"),),
    "信息形成（变更）下发至本单位20个工作日内": (
        Deadline(20, "工作日", "信息形成(变更)下发至本单位"),
    ),
    "分配结果确定后20个工作日内": (Deadline(20, "工作日", "分配结果确定"),),
    "行政处罚决定形成之日起20个工作日": (Deadline(20, "工作日", "行政处罚决定形成"),),
    "制 定 或 获 取 信 息之日起 10 个 工作日内": (Deadline(10, "工作日", "制定或获取信息"),),
    "20个工作日": (Deadline(20, "工作日"),),
    "20工作日": (Deadline(20, "工作日"),),
    "二十个工作日内": (Deadline(20, "工作日"),),
    "７个工作日": (Deadline(7, "工作日"),),
    "自收到申请之日起20个工作日内": (Deadline(20, "工作日", "收到申请"),),
    "自然资源局批准后20日内": (Deadline(20, "日", "自然资源局批准"),),
    "本级政府财政部门批复后20日内": (Deadline(20, "日", "本级政府财政部门批复"),),
    "一个月内": (Deadline(1, "月"),),
    "公告至少30日": (Deadline(30, "日", "", "公告", "for"),),
    "征求意见期限不得少于30日": (Deadline(30, "日", "", "征求意见期限", "for"),),
    "批前公示不得少于30日": (Deadline(30, "日", "", "批前公示", "for"),),
    "公示期限：7日": (Deadline(7, "日", "", "公示期限", "for"),),
    "长期公开，保留2年": (Deadline(2, "年", "", "保留", "for"),),
    "处罚决定：20个工作日": (Deadline(20, "工作日", "", "处罚决定"),),
    "半年至少更新1次": (Deadline(6, "月", kind="every"),),
    "每20个工作日更新": (Deadline(20, "工作日", kind="every"),),
    "每季度更新": (Deadline(3, "月", kind="every"),),
    "提前一周发通知邀请": (Deadline(7, "日", kind="before"),),
    "制定或获取信息之日起10个工作日内，公示7个工作日": (
        Deadline(10, "工作日", "制定或获取信息"),
        Deadline(7, "工作日", "", "公示", "for"),
    ),
    "信息形成20个工作日内公开;其中行政许可、行政处罚事项应自作出行政决定之日起7个工作日内公示": (
        Deadline(20, "工作日", "信息形成"),
        Deadline(7, "工作日", "作出行政决定", "行政许可、行政处罚事项"),
    ),
    "执法决定信息在决定作出之日起7个工作日内公开，其他相关信息形成或变更之日起20个工作日内公开": (
        Deadline(7, "工作日", "决定作出", "执法决定信息"),
        Deadline(20, "工作日", "其他相关信息形成或变更"),
    ),
    "1.除处罚决定外：长期公开；2.处罚决定：20个工作日内": (Deadline(20, "工作日", "", "处罚决定"),),
    "信息形成或者变更之日起20个工作日内。法律、法规另有规定的，从其规定": (
        Deadline(20, "工作日", "信息形成或者变更"),
    ),
    "及时公开": (),
    "实时公开": (),
    "长期公开(动态调整)": (),
    "按进展情况及时公开": (),
    "随采购公告、采购文件公开": (),
    "每年3月31日前": (),
    "2019年5月15日前": (),
    "批准后20内": (),
}


@pytest.mark.parametrize(("text", "terms"), WORDINGS.items())
def test_every_published_wording_says_its_terms(text, terms):
    assert deadlines(text) == terms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("批准后20内", "20内"),
        ("形成之日起20个内", "20个内"),
        ("形成之日起20个工作内公开", "20个工作内"),
        ("形成之日起20个工作日内", None),
        ("批准后20日以内", None),
        ("及时公开", None),
    ],
)
def test_a_number_that_lost_its_unit_is_seen(text, words):
    assert lost_unit(text) == words


@given(
    number=st.integers(1, 99),
    unit=st.sampled_from(["工作日", "日", "月", "年"]),
    event=st.sampled_from(["", "信息形成或者变更之日起", "批准后", "自收到申请之日起"]),
    tail=st.sampled_from(["内", "内公开", "以内予以公开"]),
)
def test_a_number_and_its_unit_are_never_changed(number, unit, event, tail):
    measure = "个" if unit in ("工作日", "月") else ""
    (term,) = deadlines(f"{event}{number}{measure}{unit}{tail}")
    assert (term.number, term.unit, term.kind) == (number, unit, "within")


@given(st.text(alphabet="自在之日起后内个工作年月0123456789一二十半每:,;。()信息公示", max_size=40))
def test_any_text_is_read_without_complaint(text):
    assert all(term.number >= 0 for term in deadlines(text))
    lost_unit(text)
