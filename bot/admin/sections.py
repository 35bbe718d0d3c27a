"""The console's sections, in the order of its menu; each is shown to who has its right."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the menu."""

    path: str
    name: str
    right: str
    also: tuple[str, ...] = ()
    """Other beginnings of its pages' addresses."""

    def holds(self, here: str) -> bool:
        """Whether a page is one of its own."""
        if self.path == "/":
            return here in ("", "/")
        return here.startswith((self.path, *self.also))


SECTIONS = (
    Section("/", "首页", "home.see"),
    Section("/notices", "政策直通车", "notice.see", ("/pushes",)),
    Section("/knowledge", "知识库", "knowledge.see"),
    Section("/catalogue", "标准目录", "knowledge.see"),
    Section("/desk", "未答问题", "desk.see"),
    Section("/tester", "试问", "tester.use"),
    Section("/subscribers", "订阅与海报", "subscribers.see"),
    Section("/channels", "公众号与渠道", "channels.see"),
    Section("/statistics", "统计", "statistics.see"),
    Section("/records", "操作记录", "records.see"),
    Section("/accounts", "账号", "accounts.manage"),
)
