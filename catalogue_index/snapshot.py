"""Knowledge as a file: documents, items, plan passages, synonyms and the prepared index in one SQLite database.

Written once with sqlite-utils, never changed afterwards, and readable by any SQLite tool. The same documents give the same
contents, so a past answer can be reproduced from its version.
"""

import hashlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .analysis.synonyms import Synonym
from .errors import UnreadableFile
from .index import Index, Postings, PreparedIndex, Said, Shelf
from .model import Document, Item, Place
from .plans import Passage

FORMAT = "3"
"""Raised when the tables change shape: an older file is then built anew from its documents."""

_FIRST_ROWS = 100
"""Rows from which a table's columns and their types are made."""
_BLOCK = 1 << 20
"""Bytes of a file read at once."""
_SEAL = b"sha256-of-the-rest-of-this-file:"
_DIGITS = 64
_REBUILD = "请运行 zwgk knowledge build 重新生成，或用 zwgk knowledge rollback 退回上一版本。"


def item_id(document: str, ordinal: int) -> str:
    """The public id of a document's ``ordinal``-th item, from 1."""
    return f"{document}-{ordinal}"


class SnapshotWriter:
    """Fills a new snapshot file. The file is complete once ``finish`` has returned; ``close`` gives up on it.

    Raises ``sqlite3.Error`` where the disk is full or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        # Only who builds knowledge needs it, and it takes long to import.
        from sqlite_utils import Database

        self._path = path
        self.database = Database(path)
        # A file cut short is thrown away whole, so nothing need reach the disk before the end.
        self.database.execute("pragma journal_mode = memory")
        self.database.execute("pragma synchronous = off")
        self.database.table("meta").create({"key": str, "value": str}, pk="key", strict=True)

    def add(
        self,
        table: str,
        rows: Iterable[dict[str, Any]],
        pk: str | None = None,
        columns: dict[str, Any] | None = None,
    ) -> None:
        """Insert rows of plain values, all with the same columns, one after the other; lists and mappings are kept as JSON.

        ``columns`` gives the types that the first rows need not show, being unknown there.
        """
        plain = ({k: _plain(v) for k, v in row.items()} for row in rows)
        target = self.database.table(table)
        if not target.exists():
            target.insert_all(islice(plain, _FIRST_ROWS), pk=pk, columns=columns, strict=True)
        if target.exists():
            values = ", ".join(f":{name}" for name in target.columns_dict)
            with self.database.conn as rest:
                rest.executemany(f"insert into {table} values ({values})", plain)

    def documents(self, documents: Iterable[tuple[Document, str]]) -> None:
        """Documents with their whole text (empty for a catalogue)."""
        self.add(
            "documents",
            (
                {**asdict(document), "reference": int(document.reference), "text": text}
                for document, text in documents
            ),
            pk="id",
        )

    def items(self, document: str, items: Iterable[tuple[int, Item]]) -> None:
        """Items of one document, each with its place in it, from 1."""
        self.add(
            "items",
            (
                {"id": item_id(document, n), "document": document, "ordinal": n}
                | {f.name: getattr(item, f.name) for f in fields(item) if f.name != "place"}
                | {"sheet": item.place.sheet, "row": item.place.row}
                for n, item in items
            ),
            pk="id",
        )

    def passages(self, passages: Iterable[Passage]) -> None:
        """Plan passages of any documents."""
        self.add(
            "passages",
            (
                {"id": passage_id(p)} | {f.name: getattr(p, f.name) for f in fields(p)}
                for p in passages
            ),
            pk="id",
            columns={"year": int},
        )

    def synonyms(self, synonyms: Iterable[Synonym]) -> None:
        """The everyday words in force."""
        self.add("synonyms", (asdict(s) for s in synonyms))

    def index(self, prepared: PreparedIndex) -> None:
        """The prepared index."""
        weights = np.array(list(prepared.weights.values()), dtype=np.float64)
        # A hundred thousand rows would take a fifth of a second to read, at every start.
        self.add("terms", [{"terms": "\n".join(prepared.weights), "weights": _bytes(weights)}])
        self.add(
            "shelves",
            (
                {
                    "shelf": name,
                    "units": shelf.units,
                    "kind_names": shelf.kind_names,
                    "kinds": _bytes(shelf.kinds),
                    "subjects": _bytes(shelf.subjects),
                    **_columns(shelf.postings),
                }
                for name, shelf in prepared.shelves.items()
            ),
            pk="shelf",
        )
        self.add(
            "sounds", ({"sound": s, "pair": p} for s, p in prepared.by_sound.items()), pk="sound"
        )
        said = prepared.said
        self.add(
            "said",
            [
                {
                    "subjects": said.subjects,
                    **_columns(said.centres),
                }
            ],
        )

    def finish(self, **meta: str) -> None:
        """Write the facts about the file, close it and seal it."""
        # The seal must be the first in the file of what looks like one. Facts were given the first page of the tables,
        # which SQLite fills from its end.
        facts = {"format": FORMAT, **meta, "seal": _SEAL.decode() + "0" * _DIGITS}
        self.add("meta", ({"key": k, "value": v} for k, v in facts.items()))
        if "items" in self.database.table_names():
            self.database.table("items").create_index(["document", "ordinal"])
        self.database.execute("ANALYZE")
        self.close()
        _, at, seal = _seal(self._path)
        with self._path.open("rb+") as file:
            file.seek(at)
            file.write(seal)

    def close(self) -> None:
        """Let go of the file. A finished writer may be closed again."""
        self.database.close()


class SnapshotReader:
    """Reads a finished snapshot. Raises ``UnreadableFile`` for a missing or damaged file or one of another format."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Kept open: what is read later is of this very file, even if another has taken its name by then.
            self._database = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            self._database.row_factory = sqlite3.Row
            weakref.finalize(self, self._database.close)
            self._lock = threading.Lock()
            self.meta = {row["key"]: row["value"] for row in self._select("select * from meta")}
            if self.meta.get("format") != FORMAT:
                raise UnreadableFile(
                    f"知识快照“{path.name}”由别的软件版本生成，这个版本读不了。{_REBUILD}"
                )
            found, _, due = _seal(path)
        except (sqlite3.Error, OSError, ValueError, LookupError) as error:
            raise self._damaged() from error
        if found != due:
            raise self._damaged()

    def _select(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def rows(
        self, table: str, order: str = "rowid", where: str = "true", values: Sequence[Any] = ()
    ) -> list[dict[str, Any]]:
        """Rows of a table; none when the snapshot has no such table. ``where`` and ``order`` are our own words."""
        try:
            statement = f"select * from {table} where {where} order by {order}"
            return [dict(row) for row in self._select(statement, values)]
        except sqlite3.Error as error:
            if "no such table" in str(error):
                return []
            raise self._damaged() from error

    def _damaged(self) -> UnreadableFile:
        return UnreadableFile(f"知识快照“{self.path.name}”不见了或已损坏。{_REBUILD}")

    def documents(self) -> list[tuple[Document, str]]:
        """Documents with their whole text."""
        found = []
        for row in self.rows("documents"):
            text = row.pop("text")
            found.append((Document(**{**row, "reference": bool(row["reference"])}), text))
        return found

    def items(self, document: str) -> list[tuple[str, Item]]:
        """A document's items with their ids, in published order."""
        rows = self.rows("items", where="document = ?", order="ordinal", values=(document,))
        return [(row["id"], _item(row)) for row in rows]

    def sectors(self) -> list[tuple[str, str | None]]:
        """Each document's sectors of which items are here, as (document's id, sector)."""
        # A statement in place of a table: whole items would be read for two of their columns.
        rows = self.rows("(select distinct document, sector from items)", order="document, sector")
        return [(row["document"], row["sector"]) for row in rows]

    def item(self, key: str) -> tuple[str, Item] | None:
        """An item with its document's id; ``None`` where there is none of that id."""
        for row in self.rows("items", where="id = ?", values=(key,)):
            return row["document"], _item(row)
        return None

    def passages(self) -> list[Passage]:
        """Plan passages, by document and order."""
        lists = ("path", "lead", "supporting", "responsible", "sectors")
        found = []
        for row in self.rows("passages"):
            row.pop("id")
            row |= {name: tuple(json.loads(row[name])) for name in lists}
            found.append(Passage(**{**row, "long_term": bool(row["long_term"])}))
        return found

    def synonyms(self) -> list[Synonym]:
        """The everyday words in force when the snapshot was built."""
        return [Synonym(**row) for row in self.rows("synonyms")]

    def index(self) -> Index:
        """The prepared index; a shelf is read when it is first searched."""
        weights: dict[str, float] = {}
        for row in self.rows("terms"):
            numbers = _array(row["weights"], "<f8").tolist()
            weights = dict(zip(row["terms"].split("\n"), numbers, strict=False))
        for row in self.rows("said"):
            said = Said(json.loads(row["subjects"]), _postings(row))
            sounds = {row["sound"]: row["pair"] for row in self.rows("sounds")}
            return Index(weights, said, sounds, self._shelf)
        raise self._damaged()

    def _shelf(self, name: str) -> Shelf | None:
        for row in self.rows("shelves", where="shelf = ?", values=(name,)):
            return Shelf(
                json.loads(row["units"]),
                json.loads(row["kind_names"]),
                _array(row["kinds"], "u1"),
                _array(row["subjects"], "<u4"),
                _postings(row),
            )
        return None


def _item(row: Mapping[str, Any]) -> Item:
    known = {f.name: row[f.name] for f in fields(Item) if f.name not in ("place", "extras", "raw")}
    kept = {name: json.loads(row[name]) for name in ("extras", "raw")}
    return Item(place=Place(row["row"], row["sheet"]), **known, **kept)


def _seal(path: Path) -> tuple[bytes, int, bytes]:
    """The digits that stand in the file's seal, their place, and those that belong there: SHA-256 of all the rest.

    SQLite itself does not notice a changed character, and official text must be the office's to the byte. Raises
    ``ValueError`` for a file without a seal.
    """
    with path.open("rb") as file:
        # The facts are in the first table of the file; nobody looks for them in gigabytes.
        head = file.read(_BLOCK)
        at = head.index(_SEAL) + len(_SEAL)
        digest = hashlib.sha256(head[:at])
        digest.update(head[at + _DIGITS :])
        while block := file.read(_BLOCK):
            digest.update(block)
    return head[at : at + _DIGITS], at, digest.hexdigest().encode()


def passage_id(passage: Passage) -> str:
    """The public id of a plan passage."""
    return f"{passage.document}-{passage.ordinal}"


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, str | int | float | bytes):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=isinstance(value, dict))


def _columns(postings: Postings) -> dict[str, bytes]:
    return {
        "terms": _bytes(postings.terms),
        "starts": _bytes(postings.starts),
        "rows": _bytes(postings.rows),
        "weights": _bytes(postings.weights),
    }


def _postings(row: Mapping[str, Any]) -> Postings:
    return Postings(
        _array(row["terms"], "<u4"),
        _array(row["starts"], "<u4"),
        _array(row["rows"], "<u4"),
        _array(row["weights"], "<f4"),
    )


def _bytes(array: NDArray[Any]) -> bytes:
    """Little-endian, whatever the machine."""
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def _array(data: bytes, kind: str) -> NDArray[Any]:
    return np.frombuffer(data, dtype=np.dtype(kind))
