"""A file's bytes, or the sentence that says why they cannot be had."""

import struct
import zipfile
import zlib
from pathlib import Path

from ..errors import UnreadableFile

DAMAGED_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,  # a member is missing
    NotImplementedError,  # packed in a way that zipfile does not know
    OSError,
    OverflowError,
    ValueError,  # members at places that cannot be
)
"""What ``zipfile`` raises for a damaged package, besides ``RuntimeError`` for an encrypted one."""

_NOTHING = b"\0\t\r\n \xef\xbb\xbf\xff\xfe"


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """The bytes of the file at ``path``.

    Raises ``UnreadableFile`` when it is missing, a folder, not permitted, larger than
    ``max_bytes``, or empty.
    """
    name = path.name
    try:
        if path.is_dir():
            raise UnreadableFile(f"“{path}”是文件夹，不是文件。请指定其中一个文件。")
        if path.stat().st_size > max_bytes:
            raise UnreadableFile(
                f"文件“{name}”超过 {max_bytes // 1_000_000} MB。请拆成几个文件再导入。"
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFile(f"找不到文件“{path}”。请核对路径和文件名。") from error
    except PermissionError as error:
        raise UnreadableFile(
            f"没有权限读取文件“{path}”。请把文件复制到能读取的位置，或请管理员授权。"
        ) from error
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"文件“{path}”无法读取。请核对路径，或复制到本机后再试。") from error
    if not data.strip(_NOTHING):
        raise UnreadableFile(f"文件“{name}”是空的，没有内容可以导入。")
    return data


def files_in(path: Path) -> list[Path] | None:
    """The files of the folder at ``path`` in name order; ``None`` when it is no folder to be read.

    Hidden files, locks of open documents (~$) and folders in it are left out: a browser puts the
    pictures of a saved page into one.
    """
    try:
        if not path.is_dir():
            return None
        files = [file for file in path.iterdir() if file.is_file()]
    except (OSError, ValueError):
        return None
    return sorted(
        (file for file in files if not file.name.startswith((".", "~$"))),
        key=lambda file: file.name,
    )
