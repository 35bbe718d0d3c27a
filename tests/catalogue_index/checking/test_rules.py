"""Every rule rests on words that stand where it says."""

import pytest

from bot.knowledge.builtin import builtin_contents
from catalogue_index.checking.checks import AGAINST_CONSENSUS, AGAINST_GUIDE, CHECKS
from catalogue_index.checking.rules import SEVERITIES, rules, table
from catalogue_index.sectors import national_sectors

ARTICLES = {
    "第六条": "行政机关应当及时、准确地公开政府信息。",
    "第十条": "行政机关制作的政府信息，由制作该政府信息的行政机关负责公开。",
    "第十三条": "行政机关公开政府信息，采取主动公开和依申请公开的方式。",
    "第十五条": "涉及商业秘密、个人隐私等公开会对第三方合法权益造成损害的政府信息，行政机关不得公开。"
    "但是，第三方同意公开或者行政机关认为不公开会对公共利益造成重大影响的，予以公开。",
    "第二十条": "（七）财政预算、决算信息；"
    "（八）行政事业性收费项目及其依据、标准；"
    "（九）政府集中采购项目的目录、标准及实施情况；"
    "（十）重大建设项目的批准和实施情况；"
    "（十一）扶贫、教育、医疗、社会保障、促进就业等方面的政策、措施及其实施情况；"
    "（十二）突发公共事件的应急预案、预警信息及应对情况；"
    "（十三）环境保护、公共卫生、安全生产、食品药品、产品质量的监督检查情况；",
    "第二十一条": "设区的市级、县级人民政府及其部门还应当根据本地方的具体情况，主动公开涉及市政建设、公共服务、"
    "公益事业、土地征收、房屋征收、治安管理、社会救助等方面的政府信息；",
    "第二十四条": "各级人民政府应当加强依托政府门户网站公开政府信息的工作，"
    "利用统一的政府信息公开平台集中发布主动公开的政府信息。",
    "第二十六条": "属于主动公开范围的政府信息，应当自该政府信息形成或者变更之日起20个工作日内及时公开。"
    "法律、法规对政府信息公开的期限另有规定的，从其规定。",
}
"""政府信息公开条例（国务院令第711号） as promulgated, as far as rules quote it."""


@pytest.fixture(scope="module")
def answers():
    (notice,) = (c for c in builtin_contents() if c.document.id == "guangdong-2020-notice")
    return {f"第{entry.number}问": "".join(entry.answer.split()) for entry in notice.entries}


def quoted(source):
    return [rule for rule in rules().values() if rule.source.short == source]


def test_the_annex_says_what_is_quoted_in_the_answer_named(answers):
    for rule in quoted("答疑"):
        assert rule.words in answers[rule.number], rule.id


def test_the_regulation_says_what_is_quoted_in_the_article_named():
    for rule in quoted("条例"):
        if "{" not in rule.words:
            assert rule.words in ARTICLES[rule.number], rule.id
    for row in table("statutory"):
        assert row["words"] in ARTICLES[row["number"]], row["sector"]


def test_every_rule_has_a_check_and_every_check_a_rule():
    assert {*CHECKS, *AGAINST_GUIDE, *AGAINST_CONSENSUS} == set(rules())


def test_every_rule_says_what_is_wrong_and_what_to_do_in_sentences():
    for rule in rules().values():
        assert rule.severity in SEVERITIES
        assert rule.what.endswith("。"), rule.id
        assert rule.todo.endswith("。"), rule.id


def test_sectors_named_by_the_regulation_are_official():
    assert {row["sector"] for row in table("statutory")} <= set(national_sectors().names)
