"""What the office calls the states of a notice and the purposes of a push."""

from collections.abc import Mapping

from .model import NoticeState, Purpose

NOTICE_NAMES: Mapping[NoticeState, str] = {
    NoticeState.DRAFT: "草稿",
    NoticeState.PUBLISHED: "已公开",
    NoticeState.UPDATED: "已更新",
    NoticeState.RECALLED: "已撤回",
}

PURPOSE_NAMES: Mapping[Purpose, str] = {
    Purpose.FIRST: "首次",
    Purpose.REMINDER: "提醒",
    Purpose.CORRECTION: "更正",
    Purpose.WITHDRAWAL: "撤回说明",
}
