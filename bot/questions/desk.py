"""The desk of unanswered questions: what to see, and the four ways to deal with it.

Ways of asking and answers are only proposed here. Somebody else reviews them, sees which answers would change, and puts
them in force; until then, and where they are turned down, people get the same as before.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bot.answering.asking import understand
from bot.clock import Clock
from bot.knowledge import edits
from bot.knowledge.edits import Edit, EditRefused, LocalEntry, State
from bot.knowledge.examination import Examination, Look
from bot.knowledge.library import Knowledge
from bot.knowledge.service import KnowledgeService, Published, Step, WouldBeWorse
from bot.knowledge.subjects import named
from bot.storage.database import Database
from catalogue_index.errors import Refused

from . import groups
from .groups import Ending, Example, Group, Key, Order
from .near import Cluster, joined

SHOWN_EXAMPLES = 10
LONGEST_NOTE = 200
_TEXTS_KEPT = 4096


def _quiet(_: str) -> None:
    return None


class DeskRefused(Refused):
    """Something on the desk is not possible; the sentence says why and what to do."""


class Desk:
    """The desk of one office. ``current`` is the knowledge in force, ``content`` gives the content words of a text, and
    ``look`` what a candidate changes for an area. Who may do what, the caller sees to; but for reviewing one's own."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        service: KnowledgeService,
        current: Callable[[], Knowledge],
        content: Callable[[str], frozenset[str]],
        look: Look,
    ) -> None:
        self._database = database
        self._clock = clock
        self._service = service
        self._current = current

        # A page compares hundreds of texts, the next one mostly the same.
        @lru_cache(maxsize=_TEXTS_KEPT)
        def read(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
            return content(text), understand(text).aspects

        self._read = read
        self._look = look

    # --- what there is ---

    def open(self, areas: Sequence[str], order: Order) -> list[Cluster]:
        """Groups to be worked through in some areas (none named: everywhere), near ones together."""
        with self._database.read() as connection:
            found = groups.open_groups(connection, areas, order)
        return joined(found, self._read)

    def open_count(self, areas: Sequence[str]) -> int:
        """How many groups are open."""
        with self._database.read() as connection:
            return groups.open_count(connection, areas)

    def closed(self, areas: Sequence[str], most: int, before: int | None = None) -> list[Group]:
        """Groups that were dealt with, the last asked first."""
        with self._database.read() as connection:
            return groups.closed_groups(connection, areas, most, before)

    def cluster(self, key: Key) -> Cluster:
        """A group and those near to it that are open. Raises ``DeskRefused``."""
        with self._database.read() as connection:
            found = groups.named(connection, [key])
            if not found:
                raise DeskRefused("没有这组问题，或者已经过期清除。")
            others = groups.open_groups(connection, (key.area,) if key.area else (), Order.COUNT)
        rest = (one for one in others if one.key != key and one.key.area == key.area)
        return joined([found[0], *rest], self._read)[0]

    def examples(self, key: Key, most: int = SHOWN_EXAMPLES) -> list[Example]:
        """The newest questions of a group, each wording once."""
        with self._database.read() as connection:
            return groups.examples(connection, key, most)

    def edits(self, areas: Sequence[str], *states: State) -> list[Edit]:
        """Proposals in some areas in these states, the newest first."""
        every = [edit for edit in self._service.edits.all() if edit.state in states]
        inside = [e for e in every if not areas or e.area.startswith(tuple(areas))]
        return sorted(inside, key=lambda edit: edit.proposed_at, reverse=True)

    def edit(self, edit_id: str) -> Edit:
        """One proposal; raises ``EditRefused``."""
        return self._service.edits.find(edit_id)

    def holds(self, edit: Edit) -> bool:
        """Whether an edit is in the version in force."""
        return edit.id in self.in_force()

    def in_force(self) -> frozenset[str]:
        """The ids of the edits in the version in force."""
        return frozenset(self._service.edits_in_force())

    def title_of(self, unit: str) -> str:
        """What a unit of the index is called; the unit itself where it is gone."""
        kind, _, key = unit.partition(":")
        known = self._current()
        if kind == "faq" and (entry := known.entry(key)):
            return entry.question
        if kind == "plan" and (passage := known.passage(key)):
            return passage.title or passage.text[:40]
        return key.replace("/", " · ") if kind == "item" else unit

    # --- the four ways ---

    def propose_alias(
        self, keys: Sequence[Key], area: str, page: str, texts: Sequence[str], by: str
    ) -> Edit:
        """Propose ways of asking for what stands at a public page (``/faq/…``, ``/items/…``, ``/sources/…#p3``)."""
        self._refuse_closed(keys)
        unit = unit_at(self._current(), page)
        answered = [(key.area, key.likeness) for key in keys]
        edit = edits.alias(unit, texts, area=area, by=by, at=self._clock(), groups=answered)
        return self._proposed(edit, keys, Ending.ALIAS)

    def propose_entry(self, keys: Sequence[Key], area: str, given: LocalEntry, by: str) -> Edit:
        """Propose an answer of the office's own for an area."""
        self._refuse_closed(keys)
        answered = [(key.area, key.likeness) for key in keys]
        edit = edits.entry(given, area=area, by=by, at=self._clock(), groups=answered)
        return self._proposed(edit, keys, Ending.ENTRY)

    def decline(self, keys: Sequence[Key], by: str, note: str) -> None:
        """Leave groups unanswered, with a reason."""
        self._refuse_closed(keys)
        note = " ".join(note.split())
        if not note:
            raise DeskRefused("还没有写不予回答的原因。请写一句，以后查得到为什么。")
        if len(note) > LONGEST_NOTE:
            raise DeskRefused(f"原因有 {len(note)} 个字，太长了，最多 {LONGEST_NOTE} 个。")
        self._close(keys, Ending.DECLINED, "", by, note)

    # --- reviewing ---

    def version(self) -> str:
        """The version in force."""
        return self._service.versions.current() or ""

    def preview(self, edit: Edit, step: Step) -> Examination:
        """Which answers an edit would change: of the newest questions of its area and of the regression questions."""
        with TemporaryDirectory(prefix="zwgk-") as folder:
            return self._service.preview_edit(
                edit,
                Path(folder) / "candidate.sqlite",
                lambda in_force, candidate: self._look(in_force, candidate, edit.area),
                step,
            )

    def approve(self, edit_id: str, by: str, step: Step = _quiet) -> Published | None:
        """Put an edit in force. Raises ``EditRefused`` where a right answer would become wrong, and names the questions."""
        try:
            published = self._service.decide(
                edit_id, lambda edit: edit.approved(by, self._clock()), step=step
            )
        except WouldBeWorse as error:
            raise EditRefused(
                f"没有通过，也没有改动：通过后，原来答对的 {len(error.worse)} 道题会答不对。"
                f"例如：{error.worse[0]}。请退回，改一改问法或者换一条答复。"
            ) from error
        edit = self.edit(edit_id)
        # From now on it is counted anew who asks and gets no answer all the same.
        ending = Ending.ENTRY if edit.entry else Ending.ALIAS
        self._close(_keys(edit), ending, edit.leads_to, edit.proposed_by, "")
        return published

    def reject(self, edit_id: str, by: str, note: str) -> None:
        """Turn a proposal down: its questions are open again."""
        self._service.decide(edit_id, lambda edit: edit.rejected(by, self._clock(), note))
        self._reopen(self.edit(edit_id))

    def withdraw(
        self, edit_id: str, by: str, step: Step = _quiet, *, note: str
    ) -> Published | None:
        """Take an edit out of force: its questions are open again."""
        published = self._service.decide(
            edit_id, lambda edit: edit.withdrawn(by, self._clock(), note), step=step
        )
        self._reopen(self.edit(edit_id))
        return published

    def _refuse_closed(self, keys: Sequence[Key]) -> None:
        """Raise ``DeskRefused`` unless groups are all open."""
        with self._database.read() as connection:
            found = groups.named(connection, keys)
        if len(found) < len(set(keys)) or not all(group.is_open for group in found):
            raise DeskRefused("这组问题已经由别人处理了。请返回列表看最新情况。")

    def _proposed(self, edit: Edit, keys: Sequence[Key], ending: Ending) -> Edit:
        kept = self._service.propose(edit)
        self._close(keys, ending, kept.leads_to, kept.proposed_by, "")
        return kept

    def _close(
        self, keys: Sequence[Key], ending: Ending, target: str, officer: str, note: str
    ) -> None:
        now = int(self._clock().timestamp())
        with self._database.write() as connection:
            groups.close(
                connection, keys, ending, target=target, officer=officer, note=note, now=now
            )

    def _reopen(self, edit: Edit) -> None:
        with self._database.write() as connection:
            groups.reopen(connection, _keys(edit))


def unit_at(known: Knowledge, page: str) -> str:
    """The unit of the index that a public page shows, as phrasings name it. Raises ``EditRefused``."""
    where = urlsplit(page.strip())
    kind, _, key = where.path.strip("/").partition("/")
    if kind == "faq" and known.entry(key):
        return f"faq:{key}"
    if kind == "items" and (found := known.item(key)):
        # By its name: it holds for the same item of the next version, and of other places.
        return named(found[1])
    passage = f"{key}-{where.fragment.removeprefix('p')}"
    if kind == "sources" and known.passage(passage):
        return f"plan:{passage}"
    raise EditRefused("没有找到这一条答复。请从候选答复里选，或填写它公开页面的地址。")


def _keys(edit: Edit) -> list[Key]:
    return [Key(area, likeness) for area, likeness in edit.groups]
