"""Words that a person, or a menu button, uses to steer the conversation rather than to ask."""

import re
from dataclasses import dataclass
from enum import StrEnum

from catalogue_index.analysis.normalise import normalise


class Action(StrEnum):
    """What a command asks for."""

    GREETING = "greeting"
    HELP = "help"
    CHANGE_AREA = "change_area"
    MY_AREA = "my_area"
    MORE = "more"
    CHOOSE = "choose"
    HUMAN = "human"
    MY_DATA = "my_data"
    FORGET = "forget"
    CANCEL = "cancel"
    AWAIT = "await"
    STOP_AWAITING = "stop_awaiting"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    UNSUBSCRIBE_ALL = "unsubscribe_all"
    MY_SUBSCRIPTIONS = "my_subscriptions"
    PAUSE = "pause"
    RESUME = "resume"
    WEEKLY = "weekly"
    IMMEDIATELY = "immediately"


@dataclass(frozen=True, slots=True)
class Command:
    """An action.

    ``argument`` is the area for ``CHANGE_AREA``, the number for ``CHOOSE`` and the topic for ``SUBSCRIBE`` and
    ``UNSUBSCRIBE``, as typed.
    """

    action: Action
    argument: str = ""


_CHANGE = ("换地区", "切换地区", "更换地区", "换个地区", "改地区", "修改地区", "选地区", "选择地区")

_WORDS: dict[Action, tuple[str, ...]] = {
    Action.GREETING: (
        *(
            "你好",
            "您好",
            "你好呀",
            "您好呀",
            "hello",
            "hi",
            "嗨",
            "哈喽",
            "在吗",
            "在不在",
            "有人吗",
        ),
        *("早上好", "上午好", "中午好", "下午好", "晚上好", "早", "早晨", "喂"),
    ),
    Action.HELP: ("帮助", "菜单", "使用说明", "怎么用", "用法", "功能", "help", "menu", "?"),
    Action.CHANGE_AREA: (*_CHANGE, "设置地区", "地区", "area"),
    Action.MY_AREA: ("我的地区", "当前地区", "现在的地区", "我在哪个地区"),
    Action.MORE: ("更多", "下一页", "继续", "接着看", "往下看", "还有吗", "more"),
    Action.HUMAN: (
        *(
            "人工",
            "转人工",
            "人工客服",
            "人工服务",
            "找人工",
            "我要人工",
            "客服",
            "转客服",
            "找客服",
        ),
        *(
            "真人",
            "电话",
            "客服电话",
            "联系电话",
            "联系人工",
            "联系工作人员",
            "找工作人员",
            "human",
        ),
    ),
    Action.MY_DATA: ("我的数据", "我的信息", "隐私", "你记了什么", "data"),
    Action.FORGET: (
        "清除我的数据",
        "删除我的数据",
        "清空我的数据",
        "清除数据",
        "删除数据",
        "忘记我",
    ),
    Action.CANCEL: ("取消", "返回", "退出", "算了", "不选了", "都不是", "cancel"),
    Action.AWAIT: ("有答复告诉我", "有了答复告诉我", "等答复"),
    Action.STOP_AWAITING: ("不等了", "不等答复了", "不用告诉我"),
    Action.SUBSCRIBE: (
        "订阅",
        "我要订阅",
        "我想订阅",
        "订阅通知",
        "怎么订阅",
        "如何订阅",
        "subscribe",
    ),
    Action.UNSUBSCRIBE: ("退订", "取消订阅", "我要退订", "怎么退订", "如何退订", "怎么取消订阅"),
    Action.UNSUBSCRIBE_ALL: (
        *("退订全部", "全部退订", "退订所有", "都退订", "取消全部订阅", "取消所有订阅"),
        *("全部取消订阅", "别再发了", "不要再发了", "td", "unsubscribe"),
    ),
    Action.MY_SUBSCRIPTIONS: ("我的订阅", "查看订阅", "订阅了什么", "我订阅了什么", "订阅列表"),
    Action.PAUSE: ("暂停", "暂停订阅", "暂停通知", "暂停推送", "先别发了"),
    Action.RESUME: ("恢复", "恢复订阅", "恢复通知", "恢复推送", "继续订阅"),
    Action.WEEKLY: ("每周一次", "每周", "每周汇总", "一周一次", "按周发"),
    Action.IMMEDIATELY: (
        "马上告诉我",
        "马上通知",
        "立即通知",
        "立刻告诉我",
        "及时通知",
        "随时通知",
    ),
}
_ACTIONS = {word: action for action, words in _WORDS.items() for word in words}

_CHANGE_AREA = re.compile(rf"(?:{'|'.join(_CHANGE)})(?:到|为|成)?[ :,]*([^ ,?][^,?]{{0,30}})")
_SUBSCRIBE = re.compile(r"(?:我?(?:要|想)?)订阅(?![的了号])[ :,]*(.{1,40})")
_UNSUBSCRIBE = re.compile(r"(?:我?(?:要|想)?)(?:退订|取消订阅|不再订阅)(?![的了])[ :,]*(.{1,40})")
_ASKS = re.compile(r"哪|怎|什么|吗|呢|如何|为何|多少|多久|几")
"""Who asks something about subscriptions is answered, not subscribed."""

_CHOICE = re.compile(r"(?:选|选择|第)?([1-9一二三四五六七八九])(?:个|项|条|号)?")
_DIGITS = {numeral: str(value) for value, numeral in enumerate("一二三四五六七八九", start=1)}


def parse_command(text: str) -> Command | None:
    """The command that ``text`` is as a whole, whatever its script, width or closing punctuation.

    Else ``None``.
    """
    words = normalise(text)
    words = words.strip(" .,!~;:\"'[]()") or words  # a lone question mark stays
    if action := _ACTIONS.get(words):
        return Command(action)
    if choice := _CHOICE.fullmatch(words):
        return Command(Action.CHOOSE, _DIGITS.get(choice[1], choice[1]))
    if change := _CHANGE_AREA.fullmatch(words):
        return Command(Action.CHANGE_AREA, change[1])
    if not _ASKS.search(words):
        if topic := _UNSUBSCRIBE.fullmatch(words):
            return Command(Action.UNSUBSCRIBE, topic[1])
        if topic := _SUBSCRIBE.fullmatch(words):
            return Command(Action.SUBSCRIBE, topic[1])
    return None
