"""Our own search and our whole answer over catalogues of ``rows``: the only place here that knows how ours are built."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bot import bootstrap
from bot.answering.model import Question, Source
from bot.knowledge.building import build
from bot.knowledge.builtin import builtin_contents, builtin_phrasings
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Content
from bot.knowledge.versions import Versions
from bot.settings import Settings
from catalogue_index.analysis.analyser import Analyser
from catalogue_index.analysis.synonyms import Synonyms, everyday_words
from catalogue_index.analysis.tokenise import Tokeniser
from catalogue_index.index import Index
from catalogue_index.model import Item
from catalogue_index.sectors import national_sectors
from catalogue_index.snapshot import SnapshotReader
from faq.snapshot import Phrasing
from tests.benchmarks.contenders import SHOWN, Search
from tests.benchmarks.rows import Catalogues, questions

_VERSION = "20261121-000000000000"


@dataclass(frozen=True, slots=True)
class _Contents(Sequence[Content]):
    """The documents that come first, then the counties' catalogues, each made when it is looked at."""

    catalogues: Catalogues
    first: Sequence[Content] = field(default=())

    def __len__(self) -> int:
        return len(self.first) + self.catalogues.areas

    def __getitem__(self, at: int) -> Content:  # type: ignore[override]
        if at < len(self.first):
            return self.first[at]
        county = at - len(self.first)
        if county >= self.catalogues.areas:
            raise IndexError(at)
        return Content(self.catalogues.document(county), items=self.catalogues.items(county))


class OurSearch:
    """``Index.search`` alone, over the rows and nothing else."""

    def build(self, folder: Path, catalogues: Catalogues) -> None:
        """Write a snapshot of the rows."""
        _build(folder / "rows.sqlite", _Contents(catalogues), ())

    def open(self, folder: Path, one_area: bool) -> Search:
        """Search the county's shelf."""
        known = Knowledge("rows", SnapshotReader(folder / "rows.sqlite"))
        return partial(self._search, known.index, _analyser())

    @staticmethod
    def _search(index: Index, analyser: Analyser, text: str, area: str) -> list[int | None]:
        hits = index.search(analyser.query(text), (area,), SHOWN)
        return [_row(hit.id) for hit in hits]


class OurAnswer:
    """The service's whole way from message to answer, over the rows beside the built-in documents.

    The reference catalogues are left out, as the rows are made of them, and so is every known phrasing that is asked.
    """

    def build(self, folder: Path, catalogues: Catalogues) -> None:
        """Publish a version with the rows in a data directory."""
        asked = {question.text for question in questions(catalogues)}
        versions = Versions(folder / "knowledge")
        with versions.changing():
            _build(
                versions.path(_VERSION),
                _Contents(catalogues, [c for c in builtin_contents() if not c.items]),
                [phrasing for phrasing in builtin_phrasings() if phrasing.text not in asked],
            )
        versions.publish(_VERSION)

    def open(self, folder: Path, one_area: bool) -> Search:
        """Answer as the service does once it is ready."""
        services = bootstrap.services(Settings.model_validate({"data_dir": folder}))
        services.warm_up()
        return partial(self._search, services.answers)

    @staticmethod
    def _search(answers: bootstrap.Answers, text: str, area: str) -> list[int | None]:
        answer = answers.answer(Question(text, area))
        choices = (choice.source for choice in (*answer.choices, *answer.related))
        shown = [*answer.sources, *(source for source in choices if source)]
        return [_shown(source) for source in shown[:SHOWN]]


def _shown(source: Source) -> int | None:
    return _row(source.page.rpartition("/")[2]) if source.type == "catalogue" else None


def _row(item: str) -> int | None:
    """The number of the row whose item has this id; see ``Catalogues.document``."""
    county, first, place = item.rsplit("-", 2)
    return int(first) + int(place) - 1 if county.endswith("county") else None


def _analyser() -> Analyser:
    return Analyser(Tokeniser(national_sectors().names), Synonyms(everyday_words()))


def index(path: Path, items: Sequence[Item]) -> None:
    """Write a snapshot of one county's items."""
    _build(path, [Content(Catalogues(len(items)).document(0), items=tuple(items))], ())


def _build(path: Path, contents: Sequence[Content], phrasings: Sequence[Phrasing]) -> None:
    synonyms = everyday_words()
    build(path, contents, phrasings, synonyms, _analyser(), software=bootstrap.software())
