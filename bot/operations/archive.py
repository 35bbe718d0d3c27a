"""One .tar.gz with a list of what is in it: ``manifest.json`` first, then each file that it names, in its order.

The list stands first so that a reader knows every name, size and SHA-256 before it writes a byte: whatever is not exactly
what the list says is refused, and nothing takes more room or memory than the list admits.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from catalogue_index.errors import Refused

MANIFEST = "manifest.json"
FORMAT = 1

_BLOCK = 1 << 16
"""Bytes read at once; a header that claims to be longer is not read at all."""

_MOST_OF_MANIFEST = 16 << 20
"""Bytes of a list that is read: a hundred thousand files."""

_COMPRESSION = 3

Told = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


class ArchiveRefused(Refused):
    """The file is no archive of ours, or not whole, or not what its list says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its name with forward slashes, its size in bytes, the SHA-256 of its content."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds and where it comes from.

    ``made_at`` is an ISO moment; ``database`` is sqlite or postgresql and ``step`` its schema's; ``knowledge`` is the
    version in force; ``key`` tells the vault's secret by a hash that does not give it away.
    """

    made_at: str
    software: str
    database: str
    step: str
    knowledge: str
    key: str
    files: tuple[Entry, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(entry.size for entry in self.files)


def quiet(_: int, __: int) -> None:
    """Tells nobody."""


def listed(files: Mapping[str, Path]) -> tuple[Entry, ...]:
    """The entries of ``files`` (name → where it is), in their order."""
    return tuple(Entry(name, *_measured(path)) for name, path in files.items())


def write(output: Path, manifest: Manifest, files: Mapping[str, Path], told: Told = quiet) -> None:
    """Write ``manifest`` with the files that it lists to ``output``, which only its owner may read. May raise ``OSError``.

    The file is there whole or not at all. Raises ``ArchiveRefused`` where a file changed since it was listed.
    """
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with (
                gzip.GzipFile(
                    fileobj=raw, mode="wb", filename="", compresslevel=_COMPRESSION
                ) as packed,
                tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
            ):
                _put(tar, MANIFEST, io.BytesIO(told_as(manifest)), len(told_as(manifest)))
                done = 0
                for entry in manifest.files:
                    with files[entry.name].open("rb") as file:
                        hashed = _Hashed(file, told, done, manifest.size)
                        _put(tar, entry.name, hashed, entry.size)
                        if hashed.hexdigest() != entry.sha256 or file.read(1):
                            raise ArchiveRefused(
                                f"备份时文件“{entry.name}”变了，没有备份。请再试一次。"
                            )
                    done += entry.size
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def told_as(manifest: Manifest) -> bytes:
    """The list as it stands in an archive."""
    return json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1).encode()


class Reader:
    """An archive that is open for reading; its ``manifest`` is known to be well made, its files are not checked yet."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self.manifest = manifest
        self._tar = tar

    def unpack(self, into: Path, told: Told = quiet) -> None:
        """Write every file below ``into``, an empty directory, and see that each is what the list says.

        Raises ``ArchiveRefused``; may raise ``OSError``.
        """
        done = 0
        for entry in self.manifest.files:
            member = _next(self._tar)
            if member is None or member.name != entry.name or member.size != entry.size:
                raise _not_as_listed(entry.name)
            target = into.joinpath(*PurePosixPath(entry.name).parts)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            source = self._tar.extractfile(member)
            assert source
            hashed = _Hashed(source, told, done, self.manifest.size)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                while block := hashed.read(_BLOCK):
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            if hashed.hexdigest() != entry.sha256:
                raise _not_as_listed(entry.name)
            done += entry.size
        if _next(self._tar) is not None:
            raise ArchiveRefused(
                "存档里有清单上没有的文件，没有恢复。请换一份由 zwgk db backup 做的存档。"
            )


@contextmanager
def opened(path: Path, allowed: Callable[[str], bool]) -> Iterator[Reader]:
    """The archive at ``path``; ``allowed`` says which names its list may have. Raises ``ArchiveRefused`` or ``OSError``."""
    try:
        with (
            path.open("rb") as raw,
            _Bounded(fileobj=raw, mode="rb") as packed,
            tarfile.open(fileobj=packed, mode="r:") as tar,
        ):
            yield Reader(tar, _manifest(tar, allowed))
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, RecursionError) as error:
        raise ArchiveRefused(
            f"“{path.name}”不是完整的存档，可能没有下载完或已损坏，没有改动任何数据。请换一份备份。"
        ) from error


class _Bounded(gzip.GzipFile):
    """Gives no more at once than any honest part of an archive needs: a header that claims to be huge is not read."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _BLOCK:
            raise tarfile.ReadError("too much at once")
        return super().read(size)


class _Hashed:
    """A file that is hashed, and told of, as it is read; ``done`` bytes of ``total`` came before it."""

    def __init__(self, file: IO[bytes], told: Told, done: int, total: int) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._told = told
        self._done = done
        self._total = total

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        self._digest.update(block)
        self._done += len(block)
        self._told(self._done, self._total)
        return block

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()


def _put(tar: tarfile.TarFile, name: str, content: Any, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    try:
        tar.addfile(member, content)
    except OSError as error:
        if error.errno is None:  # tarfile's own: the file ended early
            raise ArchiveRefused(f"备份时文件“{name}”变短了，没有备份。请再试一次。") from error
        raise


def _next(tar: tarfile.TarFile) -> tarfile.TarInfo | None:
    member = tar.next()
    if member is not None and (member.type != tarfile.REGTYPE or member.issparse()):
        raise ArchiveRefused(
            "存档里有链接或特殊文件，没有恢复。请换一份由 zwgk db backup 做的存档。"
        )
    return member


def _manifest(tar: tarfile.TarFile, allowed: Callable[[str], bool]) -> Manifest:
    member = _next(tar)
    if member is None or member.name != MANIFEST or member.size > _MOST_OF_MANIFEST:
        raise _foreign()
    source = tar.extractfile(member)
    assert source
    try:
        blocks = iter(lambda: source.read(_BLOCK), b"")
        said: dict[str, Any] = json.loads(b"".join(blocks))
        if said.pop("format") != FORMAT:
            raise ArchiveRefused("这份存档由更新版本的程序制作。请先升级程序，再恢复。")
        files = tuple(
            Entry(str(f["name"]), int(f["size"]), str(f["sha256"])) for f in said.pop("files")
        )
        manifest = Manifest(**{name: str(value) for name, value in said.items()}, files=files)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _foreign() from error
    names = [entry.name for entry in files]
    for name in names:
        if not (_is_plain(name) and allowed(name)):
            raise ArchiveRefused(
                f"存档清单里有不该有的文件名“{name[:80]!a}”，没有恢复。请换一份由 zwgk db backup 做的存档。"
            )
    folders = {str(above) for name in names for above in PurePosixPath(name).parents}
    if len(set(names)) < len(names) or folders & set(names) or any(f.size < 0 for f in files):
        raise _foreign()
    return manifest


def _is_plain(name: str) -> bool:
    """Whether a name stays below the directory it is unpacked into, on every system."""
    return all(
        part not in ("", ".", "..") and not set(part) & {"\\", "\0"} and not Path(part).drive
        for part in name.split("/")
    )


def _foreign() -> ArchiveRefused:
    return ArchiveRefused("这不是 zwgk db backup 做的存档，没有改动任何数据。请核对文件。")


def _not_as_listed(name: str) -> ArchiveRefused:
    return ArchiveRefused(
        f"存档里的“{name}”与清单不符（缺少、长短不对或内容被改过），没有改动任何数据。请换一份备份。"
    )
