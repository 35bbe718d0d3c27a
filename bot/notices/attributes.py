"""公开属性, found by asking the articles of 政府信息公开条例 (国务院令第711号) one after another."""

from dataclasses import dataclass

from .model import Attribute


@dataclass(frozen=True, slots=True)
class Question:
    """An article's question; who answers yes has found the attribute, ``but`` for what the article excepts."""

    article: str
    asks: str
    attribute: Attribute
    but: str = ""


QUESTIONS = (
    Question(
        "第十四条",
        "是否属于国家秘密，或法律、行政法规禁止公开，或公开后可能危及国家安全、公共安全、经济安全、社会稳定？",
        Attribute.NONE,
    ),
    Question(
        "第十五条",
        "是否涉及商业秘密、个人隐私，公开会损害第三方合法权益？",
        Attribute.NONE,
        "第三方同意公开，或不公开会对公共利益造成重大影响的，予以公开。",
    ),
    Question(
        "第十六条",
        "是否只是内部事务（人事、后勤、内部工作流程）、过程性信息（讨论记录、过程稿、磋商信函、请示报告）或执法案卷？",
        Attribute.NONE,
        "可以不公开；法律、法规、规章规定应当公开的，从其规定。",
    ),
    Question(
        "第十三条、第十九条",
        "是否涉及公众利益调整、需要公众广泛知晓，或需要公众参与决策？",
        Attribute.ACTIVE,
    ),
    Question(
        "第十三条、第二十七条",
        "以上都不是？",
        Attribute.ON_REQUEST,
    ),
)
"""In the order in which they are to be asked: the first yes decides."""
