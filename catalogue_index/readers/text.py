"""Plain text in the encodings that Chinese offices use."""

from pathlib import Path

from ..errors import UnreadableFile
from . import FORMATS, csv
from .files import read_bytes

_ADVICE = "请另存为纯文本（UTF-8）或 .docx 后再导入。"


def read_text(path: Path, *, max_bytes: int = 16_000_000) -> str:
    """The text of a file: by its byte order mark, else strictly UTF-8, GB18030 or Big5.

    Raises ``UnreadableFile`` when it is missing, a folder, not permitted, empty, larger than
    ``max_bytes``, of another format (Word, PDF, …) or in an unknown encoding.
    """
    data = read_bytes(path, max_bytes)
    if other := next((f for f in FORMATS if f.recognises and f.recognises(data)), None):
        raise UnreadableFile(f"文件“{path.name}”是{other.name}，不是纯文本。{_ADVICE}")
    try:
        return csv.decode(data, path.name)
    except UnreadableFile as error:
        raise UnreadableFile(
            f"无法识别文件“{path.name}”的文字编码，它可能不是文本文件。{_ADVICE}"
        ) from error
