"""A notice, and an office to carry it."""

from datetime import date

from bot.notices.model import Attribute, Text

TEXT = Text(
    title="关于发放高龄津贴的通知",
    body="八十周岁以上老人每月五十元，请家属于每月十日前核对卡号。",
    attribute=Attribute.ACTIVE,
    url="https://www.gaoyao.gov.cn/zwgk/content/1.html",
    issuer="高要区民政局",
    number="高民〔2026〕12号",
    valid_until=date(2027, 12, 31),
)
AREA = "441204"
