"""What every officer works with: the push of an id, where it is, the way back to the draft, and the book in which all that
happens is written down, refusals too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.clock import Clock
from bot.deliveries.gathering import Weekly
from bot.storage.database import Database

from . import moving
from .audience import Audience
from .chain import ApprovalRefused, Chain
from .dossier import Dossiers
from .model import Approval, Push, PushState

_BACK_TO_DRAFT = (PushState.SUBMITTED, PushState.APPROVED, PushState.REJECTED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a push is: the decisions in force, and the step that comes next; empty: none."""

    push: Push
    approvals: tuple[Approval, ...]
    next_step: str


class Desk:
    """What drafting, deciding and sending have in common."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        chain: Chain,
        audiences: Audience,
        *,
        link: Callable[[str], str],
        signature: str = "",
        weekly: Weekly = Weekly(),  # noqa: B008, a value that never changes
    ) -> None:
        """``weekly``: when those are told who want notices together."""
        self._database = database
        self._clock = clock
        self._chain = chain
        self._audiences = audiences
        self._dossiers = Dossiers(audiences, link, signature)
        self._weekly = weekly

    def link(self, notice_id: str) -> str:
        """The address of a notice's page, as letters carry it."""
        return self._dossiers.link(notice_id)

    def find(self, push_id: str) -> Push:
        """The push of an id; raises ``ApprovalRefused``."""
        with self._database.read() as connection:
            return moving.push_of(connection, push_id)

    def standing(self, push_id: str) -> Standing:
        """Where a push is."""
        with self._database.read() as connection:
            push = moving.push_of(connection, push_id)
            done = moving.in_force(connection, push)
        waiting = push.state is PushState.SUBMITTED and len(done) < len(self._chain.steps)
        return Standing(push, tuple(done), self._chain.steps[len(done)] if waiting else "")

    def reopen(self, push: Push, by: str, why: str) -> None:
        """Bring a push that waits, or is approved, back to the draft: all its approvals are void."""
        with self._database.write() as connection:
            push = moving.locked(connection, push.id, *_BACK_TO_DRAFT)
            moving.reopen(connection, push, by, why, self._second())

    @contextmanager
    def _recorded(self, push_id: str, by: str, what: str) -> Iterator[None]:
        """Write down what is refused inside, after its transaction came to nothing."""
        try:
            yield
        except ApprovalRefused as refused:
            told, now = f"refused:{what}", self._second()
            with self._database.write() as connection:
                moving.write_down(connection, push_id[:32], by, told, str(refused), now)
            raise

    def _refuse_as_too_old(self, push: Push, mend: str) -> None:
        """Bring a push whose approvals are too old back to the draft; raises ``ApprovalRefused``."""
        self.reopen(push, moving.SYSTEM, moving.TOO_OLD)
        hours = int(self._chain.valid.total_seconds() // 3600)
        raise ApprovalRefused(f"审批已超过 {hours} 小时，全部作废。{mend}")

    def _second(self) -> int:
        return int(self._clock().timestamp())
