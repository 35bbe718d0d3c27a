"""Older and other office documents (.doc, .wps, .rtf, .odt, .ods) through LibreOffice, where it is installed.

A document is turned into .docx, a spreadsheet into .xlsx, and then read like any other. The program
runs on its own, in a folder of its own, without macros, links and network images, and is ended with
everything it started when it takes too long. It is the one place of this package where another
process works: no library reads these formats with their merged cells.
"""

import io
import os
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import UnreadableFile
from . import docx, xlsx
from .bounds import DEFAULT_BOUNDS, Bounds
from .files import DAMAGED_ZIP
from .grid import Grid

_PROGRAMS = ("soffice", "libreoffice")
_MOST_SECONDS = 60
_MOST_KILOBYTES = 6_000_000
"""Address space of the program; half of it is its own libraries."""
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{}
</oor:items>
"""
_SETTING = (
    '<item oor:path="/org.openoffice.Office.{}"><prop oor:name="{}" oor:op="fuse">'
    "<value>{}</value></prop></item>"
)
_SAFE = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "0"),
    ("Calc/Content/Update", "Link", "2"),
)
"""No macros and no links: Writer's 0 and Calc's 2 both mean never."""
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"


def read_document(
    data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS, seconds: float = _MOST_SECONDS
) -> list[Grid]:
    """The tables of a Word 97-2003, WPS or RTF document; the program may take so many ``seconds``.

    Raises ``UnreadableFile`` where LibreOffice is missing or fails, when the document has no table
    or lost it on the way, and for what ``docx.read`` refuses.
    """
    extension = ".rtf" if data.startswith(b"{\\rtf") else ".doc"
    return _through_docx(data, name, extension, bounds, seconds)


def read_open_document(
    data: bytes, name: str, *, bounds: Bounds = DEFAULT_BOUNDS, seconds: float = _MOST_SECONDS
) -> list[Grid]:
    """The tables of an OpenDocument text or the sheets of a spreadsheet, as ``read_document``."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > bounds.unpacked:
                bounds.refuse(name)
            kind = archive.read("mimetype").strip() if "mimetype" in archive.namelist() else b""
    except RuntimeError as error:  # a member of the package is encrypted
        raise xlsx.password_protected(name) from error
    except DAMAGED_ZIP as error:
        raise _failed(name) from error
    if kind.startswith(_SPREADSHEET) or (not kind and name.lower().endswith(".ods")):
        return xlsx.read(_converted(data, name, ".ods", "xlsx", seconds), name, bounds=bounds)
    return _through_docx(data, name, ".odt", bounds, seconds)


def _through_docx(
    data: bytes, name: str, extension: str, bounds: Bounds, seconds: float
) -> list[Grid]:
    if grids := docx.tables(_converted(data, name, extension, "docx", seconds), name, bounds):
        return grids
    # LibreOffice loses a table with nothing after it in some .doc files.
    raise UnreadableFile(
        f"文件“{name}”里没有表格，或者转换时丢失了表格。请用 WPS 或 Office 打开，另存为 .docx 再导入。"
    )


def _converted(data: bytes, name: str, extension: str, target: str, seconds: float) -> bytes:
    """The file as LibreOffice saves it. Raises ``UnreadableFile`` where it does not."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise UnreadableFile(
            f"读取文件“{name}”要用 LibreOffice，本机没有安装。"
            f"请用 WPS 或 Office 打开，另存为 .{target} 再导入。"
        )
    with TemporaryDirectory(prefix="zwgk-", ignore_cleanup_errors=True) as directory:
        folder = Path(directory)
        # The file's own name may be too long, or an option.
        source = folder / f"document{extension}"
        source.write_bytes(data)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        settings = _SETTINGS.format("\n".join(_SETTING.format(*setting) for setting in _SAFE))
        (profile / "user" / "registrymodifications.xcu").write_text(settings, encoding="utf-8")
        _run(
            [
                program,
                f"-env:UserInstallation={profile.as_uri()}",
                *("--headless", "--norestore", "--nolockcheck"),
                *("--convert-to", target, "--outdir", str(folder / "out"), str(source)),
            ],
            name,
            target,
            seconds,
        )
        result = folder / "out" / f"document.{target}"
        if not result.is_file():
            raise _failed(name, target)
        return result.read_bytes()


def _run(command: list[str], name: str, target: str, seconds: float) -> None:
    if os.name == "posix":
        limited = f'ulimit -v {_MOST_KILOBYTES} && exec "$@"'
        command = ["/bin/sh", "-c", limited, "sh", *command]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise UnreadableFile(
                f"文件“{name}”转换超过 {seconds:g} 秒，已停止。"
                f"请用 WPS 或 Office 打开，另存为 .{target} 再导入。"
            ) from error
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends the program and what it started: it works in a child, which would outlive it."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass  # all of them ended by themselves


def _failed(name: str, target: str = "docx 或 .xlsx") -> UnreadableFile:
    return UnreadableFile(
        f"文件“{name}”已损坏或有密码，无法转换。请用 WPS 或 Office 打开，另存为 .{target} 再导入。"
    )
