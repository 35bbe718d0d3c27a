"""A notice's text from where the office has it: a txt or docx file, a saved page, or the page itself."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from lxml import etree, html

from bot.knowledge.heading import lines_of, number_of, title_of
from bot.knowledge.reading import read_words, whole
from catalogue_index.errors import Refused, UnreadableFile

PAGE_ENDINGS = (".html", ".htm")
MOST_BYTES = 5_000_000
"""A page of words is smaller by far."""
TIMEOUT = httpx2.Timeout(15, connect=5)
_UPLOAD = "上传的文件"
_NO_WORDS = "//head|//script|//style|//noscript|//nav|//header|//footer|//form|//comment()"


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: the number is empty where none stands on a line of its own."""

    title: str
    body: str
    number: str = ""


def read_notice(path: Path) -> Read:
    """The notice in a file; raises ``UnreadableFile``."""
    if path.suffix.lower() not in PAGE_ENDINGS:
        return _of_text(whole(read_words(path)))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"“{path.name}”读不出来（{error.strerror}）。请核对路径。") from error
    return read_page(data, path.name)


def read_upload(data: bytes, name: str) -> Read:
    """The notice in a file that somebody sent; raises ``UnreadableFile``."""
    ending = Path(name).suffix.lower()
    if ending in PAGE_ENDINGS:
        return read_page(data, _UPLOAD + ending)
    with TemporaryDirectory() as folder:
        # The name is somebody's words: only its ending is of use.
        path = Path(folder) / (_UPLOAD + ending[:8])
        path.write_bytes(data)
        return read_notice(path)


def read_text(text: str) -> Read:
    """The notice in words that somebody pasted."""
    return _of_text(text)


def read_page(data: bytes, name: str) -> Read:
    """The notice on a page; raises ``UnreadableFile`` where it has no words."""
    try:
        parser = html.HTMLParser(encoding=_encoding(data))
        page: Any = html.document_fromstring(data[:MOST_BYTES], parser)
    except (etree.ParserError, ValueError) as error:
        raise UnreadableFile(f"“{name}”不是网页，或是空的。请另存网页后再试。") from error
    heads = [" ".join(head.text_content().split()) for head in page.xpath("//h1|//title")]
    for waste in page.xpath(_NO_WORDS):
        waste.drop_tree()
    for block in page.iter("p", "div", "br", "tr", "li", "h1", "h2", "h3", "section"):
        block.tail = "\n" + (block.tail or "")
    lines = [" ".join(line.split()) for line in page.text_content().splitlines()]
    text = "\n".join(filter(None, lines))
    found = _of_text(text)
    named = min(filter(None, heads), key=len, default="")
    return Read(named or found.title, text, found.number)


def fetch(url: str) -> bytes:
    """The page at an address of the web; raises ``Refused``. Only when somebody asks for it by a command."""
    try:
        with (
            httpx2.Client(timeout=TIMEOUT, follow_redirects=True) as http,
            http.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            data = b""
            for part in answer.iter_bytes():
                data += part
                if len(data) > MOST_BYTES:
                    raise Refused("网页太大，读不了。请把正文另存为 txt 或 docx 再导入。")
            return data
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Refused(
            f"网页打不开（{type(error).__name__}）。请核对网址，或把网页另存为文件再导入。"
        ) from error


def answers(url: str) -> bool:
    """Whether an address answers with a page."""
    try:
        fetch(url)
    except Refused:
        return False
    return True


def _encoding(data: bytes) -> str | None:
    """How the letters of a page are written, where it does not say so itself."""
    if b"charset=" in data[:4096].lower():
        return None
    try:
        data.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _of_text(text: str) -> Read:
    lines = lines_of(text)
    title = title_of(lines) or (lines[0] if lines else "")
    return Read(title, text.strip(), number_of(lines))
