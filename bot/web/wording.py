"""Every sentence that the citizen page says in its own name; official text never stands here."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.questions.model import KEEP_DAYS

KEPT = (
    f"问过的话保存 {KEEP_DAYS} 天，用来改进答复：不记是谁问的，号码和住址先隐去。请不要写个人信息。"
)
EMPTY_QUESTION = "还没有写问题。请在输入框里写下想了解的事，例如“低保申请结果在哪里公开？”。"
LONG_QUESTION = (
    "问题有 {count} 个字，超过了 {limit} 字。请只留下最想问的一两句话；"
    "需要长篇反映情况的，请向当地政府部门留言或来信。"
)
HUGE_MESSAGE = "内容太长，超过了 {limit} 字，没有处理。请写成 {short} 字以内的问题再发送。"
BAD_JSON = '请求内容不是正确的 JSON。请按 {"question": "问题", "area": "地区"} 的形式发送。'
NOT_TEXT = "{field}应当是一段文字。请检查后重新发送。"
MISSING = "缺少{field}。请写上后重新发送。"
FIELDS: Mapping[str, str] = MappingProxyType(
    {"question": "问题（question）", "area": "地区（area）", "context": "上一个问题（context）"}
)
NO_SUCH_CODE = "没有代码为“{code}”的地区。请写县（市、区）的名称，例如“高要区”。"
LONG_AREA = "地区名称太长了。请只写县（市、区）的名称，例如“高要区”。"
SEVERAL_AREAS = "叫“{name}”的地方不止一个，请选一个："
NO_PAGE = "没有找到您要看的页面"
NO_PAGE_ADVICE = "链接可能已经过期，或者内容换了位置。您可以回到首页，直接写下想了解的事。"
REFERENCE_BADGE = "〔{area}口径，供参考〕"
REFERENCE_NOTE = "本内容出自{area}，在其他地区仅供参考；请以当地政府公布的为准。"
"""Shown wherever a source from outside the asker's area stands (design §4)."""
