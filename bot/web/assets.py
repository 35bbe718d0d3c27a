"""Style sheets, scripts and pictures, each under an address that changes with its content."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from .headers import SECURITY

FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300"


class Assets(StaticFiles):
    """The files of one folder, served under ``prefix``."""

    def __init__(self, folder: Path, prefix: str) -> None:
        super().__init__(directory=folder)
        self._addresses: Mapping[str, str] = {
            path.name: f"{prefix}/{path.name}?v={sha256(path.read_bytes()).hexdigest()[:12]}"
            for path in folder.iterdir()
            if path.is_file()
        }

    def address(self, name: str) -> str:
        """The address of file ``name`` with the mark of its present content."""
        return self._addresses[name]

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; browsers may keep it for ever under the address that pages use."""
        response = await super().get_response(path, scope)
        current = self._addresses.get(path, "").partition("?")[2].encode()
        marked = bool(current) and scope["query_string"] == current
        response.headers["Cache-Control"] = FOR_EVER if marked else BRIEFLY
        response.headers.update(SECURITY)
        return response
