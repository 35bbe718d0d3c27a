"""What questions of like words share: what they are about and what they ask for, in whatever order and words around it."""

import hashlib

from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.normalise import normalise

from .asking import understand

_SAID_AROUND = """
请问 一下 问问 问下 我想 想问 想要 知道 了解 麻烦 帮我 帮忙 谢谢 您好 你好 我们 咱们 你们 他们 我家 家里 什么 时候 什么时候
什么样 哪里 哪儿 在哪 在哪里 哪些 哪个 哪家 怎么 怎么样 怎样 如何 为什么 多久 多少 几时 有没有 没有 是不是 能不能 可不可以
要不要 是否 能否 可否 可以 应该 应当 需要 这个 那个 这些 那些 的话 一个 里面
我 你 您 他 她 它 这 那 的 地 得 了 着 过 吗 呢 吧 啊 呀 嘛 哦 哈 啦 么 是 在 到 去 从 由 把 被 给 向 对 和 与 跟 及 或
还 也 都 就 才 又 再 很 想 要 能 会 可 应 个 些 有 没 不 谁 哪 几 啥 请 问 上 里 下 多
"""
_FUNCTION_WORDS = frozenset(_SAID_AROUND.split())
"""Words that tell how something is asked, not what about. Who, when, where and on what basis ``understand`` tells apart."""


def likeness(text: str, analyser: Analyser) -> str:
    """64 hexadecimal digits, the same for 低保在哪查 and 在哪查低保？; empty for a text about nothing."""
    words = content_words(text, analyser)
    if not words:
        return ""
    shared = " ".join([*sorted(words), "?", *understand(text).aspects])
    return hashlib.sha256(shared.encode()).hexdigest()


def content_words(text: str, analyser: Analyser) -> frozenset[str]:
    """What a text is about: its words, everyday ones as the office says them, and characters that are in no word."""
    told = normalise(text)
    for synonym in analyser.query(told).synonyms:
        # The first of several meanings, always the same one: what is said first is taken out.
        told = told.replace(normalise(synonym.word), synonym.standard)
    terms = analyser.terms(told)
    words = {term[1:] for term in terms if term.startswith("=")}
    alone = {term for term in terms if len(term) == 1} - {c for word in words for c in word}
    return frozenset(words | alone) - _FUNCTION_WORDS
