"""What the office calls its channels."""

from collections.abc import Mapping

CHANNEL_NAMES: Mapping[str, str] = {
    "wechat_notice": "订阅通知",
    "wechat_template": "模板消息",
    "wechat_custom": "客服消息",
    "wechat_mass": "群发",
    "email": "邮件",
    "sms": "短信",
}
"""By their names in the ledger."""
