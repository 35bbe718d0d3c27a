"""Files that the console gives out: saved, never shown in its pages, under a name that every system can hold."""

from urllib.parse import quote

from starlette.responses import Response

from bot.knowledge.proposals import safe_name
from bot.web.headers import PRIVATE, SECURITY

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Media types by file name ending."""


def download(data: bytes, name: str) -> Response:
    """A file to save under a name (RFC 6266: ASCII for old browsers, UTF-8 for the others)."""
    safe = safe_name(name)
    ending = safe.rpartition(".")[2]
    plain = safe if safe.isascii() and '"' not in safe else f"download.{ending}"
    return Response(
        data,
        media_type=MEDIA.get(ending, "application/octet-stream"),
        headers={
            **SECURITY,
            **PRIVATE,
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe)}",
        },
    )
