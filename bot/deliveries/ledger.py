"""The ledger: every step of every delivery, each in a short transaction, never one across a call to a provider.

It is the queue, too. A worker claims rows for a while (a lease, kept beside the ledger), marks them ``handing`` on disk,
calls the provider, and settles. A row whose lease is over while claimed is free again: nothing has left us. One that was
being handed over goes back where it certainly never left (``departures``); else it becomes unknown: it may be out. The
attempt's token stays, so that a late result of the same attempt still counts.
"""

import random
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from sqlalchemy import ColumnElement, Connection

from bot.channels.port import Fate, Limits, Outcome, Receipt
from bot.clock import Clock
from bot.notices.model import PushState, Rule
from bot.storage.database import Database
from bot.storage.schema import deliveries, pushes

from . import following, gathering, quotas, repository, results, spending, stepping, switches
from .allowances import Allowances, by_account
from .fronts import BEGINNING, Fronts
from .gate import Verdict, look, window_of
from .model import Account, Delivery, Push, Step
from .quotas import Quotas
from .states import State
from .stepping import LEASE
from .window import RestDay, no_rest

LEASE_AGAIN = 30
"""Seconds for a letter that is handed over once more: one call, whose answer is waited for half as long. Who dies at it
leaves time for another try before the provider forgets what it knows the letter by."""

_ERRORS = frozenset({Fate.LATER, Fate.UNKNOWN})
_UNTAKEN = frozenset({Fate.REFUSED, Fate.LATER, Fate.CLOSED})
_STAYED = Outcome(Fate.LATER, why="交付中断，确认还没有发出，放回队列")
_AGAIN = "again."
"""How the token of an attempt begins that repeats one without an answer."""

Refusals = Callable[[Connection, Rule, Sequence[Delivery]], Mapping[int, str]]
"""Why people are sent nothing any more (unsubscribed, consent withdrawn), by the row's id; those who may be are left
out. Asked in the transaction that marks rows as being handed over."""

ConsentTold = Callable[[Connection, str, str, bool], None]
"""Told of a person, the scope of a consent that an outcome names, and whether the letter was refused for it; in the
transaction that writes the outcome down."""

Stayed = Callable[[Collection[Delivery]], Collection[int]]
"""Which of the letters that were being handed over have certainly never left us, by the row's id."""

Result = tuple[Delivery, Outcome]


def nobody_refuses(_c: Connection, _r: Rule, _d: Sequence[Delivery]) -> Mapping[int, str]:
    """For ledgers without subscribers."""
    return {}


def nobody_consents(_c: Connection, _p: str, _s: str, _r: bool) -> None:
    """For ledgers without subscribers."""


def nothing_stayed(_d: Collection[Delivery]) -> Collection[int]:
    """For ledgers of which nobody notes what leaves."""
    return ()


@dataclass(frozen=True, slots=True)
class Swept:
    """Rows taken back from workers that did not come back: into the queue, or unknown."""

    queued: int
    unknown: int


class Ledger:
    """All deliveries; safe to share between threads and processes."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        limits: Mapping[Account, Limits] | None = None,
        refusals: Refusals = nobody_refuses,
        consent_told: ConsentTold = nobody_consents,
        stayed: Stayed = nothing_stayed,
        rest: RestDay = no_rest,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``limits``: the channels that may be sent on, and what each allows."""
        self._database = database
        self._clock = clock
        self._allowances = Allowances(limits or {})
        self._refusals = refusals
        self._consent_told = consent_told
        self._stayed = stayed
        self._rest = rest
        self._chance = chance
        self._fronts = Fronts()

    # Sending

    def claim(self, worker: str, most: int) -> list[Delivery]:
        """Take what may be sent now in up to ``most`` calls; urgent pushes first, then oldest first.

        Their quotas are reserved in the same transaction. ``worker`` is a name of up to 32 characters. A claim that a crash
        of the database takes back is nobody's: ``hand`` looks again, and what it marks is on disk.
        """
        now = self._clock()
        attempt = f"{worker[:15]}.{secrets.token_hex(8)}"
        claimed: list[Delivery] = []
        with self._database.write(hot=True) as connection:
            for push, account in self._lanes(connection, now):
                if len(claimed) >= most:
                    break
                wanted = most - len(claimed)
                claimed += self._claim_lane(connection, push, account, wanted, attempt, now)
        return claimed

    def hand(
        self, claimed: Sequence[Delivery], costs: Mapping[int, int] | None = None
    ) -> list[Delivery]:
        """Mark claimed rows as being handed over, after a last look; returns those that are: call the provider now.

        ``costs``: what each letter will cost, by the row's id; beyond the push's cap it is paused instead.
        """
        return self.exchange((), claimed, costs)

    def exchange(
        self,
        found: Sequence[Result],
        claimed: Sequence[Delivery],
        costs: Mapping[int, int] | None = None,
    ) -> list[Delivery]:
        """``settle`` what came back and ``hand`` what goes out next, in one commit."""
        now = self._clock()
        with self._database.write() as connection:
            ids = {row.id for row, _ in found} | {row.id for row in claimed}
            rows = repository.lock_all(connection, ids)
            settled = self._settled(connection, rows, found, "", now)
            handed = self._handed(connection, rows, claimed, costs or {}, now)
            following.write(connection, [*settled, *handed], int(now.timestamp()))
        return [step.after for step in handed if stepping.goes(step.after)]

    def give_back(self, claimed: Sequence[Delivery]) -> None:
        """Put claimed rows back into the queue: nothing has left us."""
        now = self._clock()
        second = int(now.timestamp())
        tokens = {row.id: row.attempt for row in claimed}
        with self._database.write() as connection:
            steps = [
                Step(
                    row,
                    stepping.back(row, row.not_before, second),
                    stepping.worker(row),
                    "未送出，放回队列",
                )
                for row in repository.lock_all(connection, tokens).values()
                if row.state is State.CLAIMED and row.attempt == tokens[row.id]
            ]
            self._allowances.give_back(connection, [step.before for step in steps], now)
            following.write(connection, steps, second)
        self._fronts.forget()

    def drop(self, claimed: Delivery, why: str) -> None:
        """End a claimed row that no letter can be made of."""
        now = self._clock()
        second = int(now.timestamp())
        with self._database.write() as connection:
            rows = repository.lock(connection, deliveries.c.id == claimed.id)
            steps = [
                Step(row, results.entered(row, State.FAILED, second), stepping.worker(row), why)
                for row in rows
                if row.state is State.CLAIMED and row.attempt == claimed.attempt
            ]
            self._allowances.give_back(connection, [step.before for step in steps], now)
            following.write(connection, steps, second)

    def settle(self, found: Sequence[Result], *, who: str = "") -> None:
        """Write down what became of letters that were handed over, or asked about.

        A result counts for the attempt that it is of, however late; one of an earlier attempt is noted only.
        ``who``: the worker of the attempt where nobody else is named.
        """
        now = self._clock()
        with self._database.write() as connection:
            rows = repository.lock_all(connection, {row.id for row, _ in found})
            steps = self._settled(connection, rows, found, who, now)
            following.write(connection, steps, int(now.timestamp()))

    # Receipts

    def apply(self, receipt: Receipt) -> bool:
        """Bring in a receipt; ``False`` where its letter is not known, or not out as far as we know: to be kept."""
        with self._database.write() as connection:
            return self.apply_within(connection, receipt)

    def apply_within(self, connection: Connection, receipt: Receipt) -> bool:
        """``apply`` as part of a transaction."""
        second = self._second()
        rows = repository.lock(connection, _told_of(receipt))
        if not rows and receipt.key and receipt.ref:
            rows = repository.lock(connection, _told_of(replace(receipt, key="")))
        steps = [results.after_receipt(row, receipt, second) for row in rows]
        known = [step for step in steps if step is not None]
        following.write(connection, known, second)
        return bool(known)

    def apply_to_only(
        self, connection: Connection, receipt: Receipt, address_hash: str, received_at: int
    ) -> bool:
        """Bring in a receipt whose reference nobody knows, by the address it names, as part of a transaction.

        ``False``: to be kept. It counts only where exactly one letter that was handed to that address before
        ``received_at`` has no reference, and none is being handed there, whose answer may still bring it.
        """
        rows = repository.nameless(connection, receipt.channel, receipt.account, address_hash)
        if any(row.state is State.HANDING for row in rows):
            return False
        begun = repository.moment_of(
            connection, [row.id for row in rows], State.HANDING, first=True
        )
        possible = [row for row in rows if begun.get(row.id, received_at + 1) <= received_at]
        steps = [results.after_receipt(row, receipt, self._second()) for row in possible]
        if len(steps) != 1 or steps[0] is None:
            return False
        told = replace(steps[0], evidence=f"{steps[0].evidence}（按收件人核对，只可能是这一条）")
        following.write(connection, [told], self._second())
        return True

    # Time

    def sweep(self) -> Swept:
        """Take back rows whose worker did not come back in time."""
        now = self._clock()
        second = int(now.timestamp())
        with self._database.write() as connection:
            claimed = repository.lock_lapsed(connection, second)
            handing = repository.lock(
                connection,
                deliveries.c.state == State.HANDING,
                deliveries.c.lease_until < second,
            )
            queued = [
                Step(
                    row, stepping.back(row, row.not_before, second), "sweep", "超时未送出，放回队列"
                )
                for row in claimed
            ]
            here = self._stayed([row for row in handing if row.shares is None])
            stayed = [
                results.after_outcome(row, _STAYED, "sweep", second, self._chance)
                for row in handing
                if row.id in here
            ]
            unknown = [
                Step(
                    row,
                    # The lease was waiting enough: a provider may soon forget what it knows a repetition by.
                    replace(results.entered(row, State.UNKNOWN, second), not_before=second),
                    "sweep",
                    "交付中断，可能已经送出，等待核实",
                )
                for row in handing
                # What goes with a letter follows it.
                if row.id not in here and row.shares not in here
            ]
            unsent = [step.before for step in stayed]
            self._allowances.give_back(connection, unsent, now, persons_only=True)
            spending.correct(connection, stayed)
            following.write(connection, [*queued, *stayed, *unknown], second)
        if queued or stayed:
            self._fronts.forget()
        return Swept(len(queued) + len(stayed), len(unknown))

    def release(self, most: int = 500) -> int:
        """Look at up to ``most`` waiting rows whose time has come: queue or supersede them, or let them wait on.
        Returns how many were looked at."""
        second = self._second()
        with self._database.write() as connection:
            rows = repository.lock_due(connection, State.WAITING, second, most)
            if not rows:
                return 0
            plans = repository.load_pushes(connection, pushes.c.id.in_({r.push for r in rows}))
            earlier = repository.earlier_turns(connection, rows)
            steps, waiting, later = [], [], {}
            for row in rows:
                patience = plans[row.push].plan.patience * 3600
                step = stepping.turn(row, earlier.get(row.id, ()), patience, second)
                if step:
                    steps.append(step)
                else:
                    waiting.append(row)
                    later[row.id] = stepping.next_look(
                        row, earlier.get(row.id, ()), patience, second
                    )
            repository.look_again(connection, later)
            following.write(connection, steps, second)
            following.follow(connection, waiting, second)
            return len(rows)

    def clear(self, most: int = 1000) -> int:
        """End up to ``most`` rows that will not be sent: their push was stopped, or their time is over."""
        second = self._second()
        stopped = pushes.c.state.in_((PushState.STOPPED, PushState.EXPIRED, PushState.DRAINING))
        late = pushes.c.state.in_((PushState.RUNNING, PushState.PAUSED)) & (
            pushes.c.expires_at <= second
        )
        cleared = 0
        with self._database.write() as connection:
            for push in repository.load_pushes(connection, stopped | late).values():
                rows = repository.lock(
                    connection,
                    deliveries.c.push == push.id,
                    # A queued row that shares an address ends with the row that it follows.
                    (deliveries.c.state == State.WAITING)
                    | (repository.IN_QUEUE & deliveries.c.shares.is_(None)),
                    most=most - cleared,
                )
                cleared += len(rows)
                following.write(
                    connection, [stepping.ended(row, push, second) for row in rows], second
                )
                if cleared >= most:
                    break
        return cleared

    def close_silent(self, rows: Sequence[Delivery]) -> int:
        """Accepted rows of which nothing will be heard any more, and unknown ones that nobody will settle: end those
        that are old enough, look at the others later. Returns how many ended."""
        second = self._second()
        ended, later = [], {}
        with self._database.write() as connection:
            for row in repository.lock_all(connection, [r.id for r in rows]).values():
                if row.state not in (State.ACCEPTED, State.UNKNOWN):
                    continue
                old = second - row.updated_at >= results.SILENCE_ENDS
                if old:
                    ended.append(stepping.silent(row, second))
                elif row.state is State.ACCEPTED:
                    later[row.id] = second + results.ASK_ACCEPTED
                else:
                    later[row.id] = second + results.ASK_UNKNOWN
            repository.look_again(connection, later)
            following.write(connection, ended, second)
        return len(ended)

    def due(self, state: State, most: int) -> list[Delivery]:
        """Rows in a state whose time to be looked at has come."""
        with self._database.read() as connection:
            return repository.lock_due(connection, state, self._second(), most)

    def hand_again(self, unknown: Sequence[Delivery], within: int) -> list[Delivery]:
        """Mark unknown rows as being handed over once more; returns those that are.

        Only for providers that know a repetition by our key for ``within`` seconds, counted from the first time, and only
        where the last look lets them through: all the way from unknown to handing in one transaction, so that none waits
        in the queue until the provider has forgotten it. For that they are counted, but held back by no quota.
        """
        now = self._clock()
        second = int(now.timestamp())
        attempt = f"{_AGAIN}{secrets.token_hex(8)}"
        ids = [row.id for row in unknown]
        with self._database.write() as connection:
            begun = repository.moment_of(connection, ids, State.HANDING, first=True)
            rows = [
                row
                for row in repository.lock_all(connection, ids).values()
                if row.state is State.UNKNOWN
                and second + LEASE_AGAIN < begun.get(row.id, 0) + within
                and row.attempts < results.MOST_ATTEMPTS
            ]
            gathered = repository.gathered(connection, rows)
            looked = self._look(connection, [*rows, *chain(*gathered.values())], now)
            going = [
                row
                for row in rows
                if all(
                    looked[one.id].state is State.HANDING
                    for one in (row, *gathered.get(row.id, ()))
                )
            ]
            queued = [row.to(State.QUEUED, updated_at=second) for row in going]
            claimed = [row.to(State.CLAIMED, attempt=attempt) for row in queued]
            handing = [stepping.handing(row, row.cost, second, LEASE_AGAIN) for row in claimed]
            why = "服务商能识别重复，用同一编号再送一次"
            steps = [
                *(Step(*pair, "reconciler", why) for pair in zip(going, queued, strict=True)),
                *(
                    Step(*pair, stepping.worker(pair[1]), "")
                    for pair in zip(queued, claimed, strict=True)
                ),
                *(
                    Step(*pair, stepping.worker(pair[1]), "")
                    for pair in zip(claimed, handing, strict=True)
                ),
            ]
            repository.write(connection, steps, second)
            self._allowances.count_calls(connection, handing, now)
        return handing

    def abandon(self, delivery: int, officer: str, why: str) -> bool:
        """A person gives up on an unknown row; ``False`` where it is not unknown (any more)."""
        second = self._second()
        with self._database.write() as connection:
            rows = repository.lock(connection, deliveries.c.id == delivery)
            steps = [
                Step(row, results.entered(row, State.ABANDONED, second), f"officer:{officer}", why)
                for row in rows
                if row.state is State.UNKNOWN
            ]
            following.write(connection, steps, second)
        return bool(steps)

    # Seeing

    def counts(self, push: str) -> dict[State, int]:
        """Rows of a push by state."""
        with self._database.read() as connection:
            return repository.counts(connection, push)

    def unknown(self, push: str) -> list[Delivery]:
        """Rows of a push of which nobody knows whether they went out."""
        where = (deliveries.c.push == push, deliveries.c.state == State.UNKNOWN)
        with self._database.read() as connection:
            return repository.lock(connection, *where)

    def rows(self, *ids: int) -> list[Delivery]:
        """Rows by id, in that order of ids that the ledger keeps."""
        with self._database.read() as connection:
            return repository.lock(connection, deliveries.c.id.in_(ids))

    # Parts of a transaction

    def _lanes(self, connection: Connection, now: datetime) -> Iterator[tuple[Push, Account]]:
        """Pushes with the channels on which they may be sent now."""
        running, switched = repository.running(connection, self._fronts.flowing)
        closed = switches.in_force(switched, now)
        accounts = [account for account in self._allowances if not switches.why(closed, account)]
        first = sorted(running, key=lambda push: (not push.plan.urgent, push.not_before, push.id))
        second = int(now.timestamp())
        for push in first:
            in_time = push.not_before <= second < push.expires_at
            if in_time and window_of(push, self._rest).open(now):
                yield from ((push, account) for account in accounts)

    def _claim_lane(
        self,
        connection: Connection,
        push: Push,
        account: Account,
        most: int,
        attempt: str,
        now: datetime,
    ) -> list[Delivery]:
        second = int(now.timestamp())
        lane = (push.id, account)
        calls = self._allowances.reserve_calls(connection, account, most, now)
        rows: list[Delivery] = []
        for front in dict.fromkeys((self._fronts.of(lane, second), BEGINNING)):
            if len(rows) < calls.letters:
                due = (*lane, calls.letters - len(rows), attempt, second + LEASE, second)
                found = repository.claim(connection, *due, front)
                self._fronts.took(lane, front, found, second)
                rows += found
        kept = self._allowances.reserve_persons(connection, account, rows, now)
        repository.gather(connection, [row for row in kept if row.job], second)
        calls.keep(len(kept))
        return kept

    def _look(
        self, connection: Connection, rows: Sequence[Delivery], now: datetime
    ) -> Mapping[int, Verdict]:
        if not rows:
            return {}
        found = repository.load_pushes(connection, pushes.c.id.in_({row.push for row in rows}))
        unused = repository.suppressed(connection, [row.address for row in rows])
        earlier = repository.earlier_turns(connection, rows)
        closed = switches.closures(connection, now)
        refused = {row.id: "地址已停用" for row in rows if row.address in unused}
        for push in found.values():
            of_push = [row for row in rows if row.push == push.id]
            refused |= self._refusals(connection, push.rule, of_push)
        return {
            row.id: look(
                row,
                found[row.push],
                now,
                closed=switches.why(closed, (row.channel, row.account)),
                refused=refused.get(row.id, ""),
                earlier=earlier.get(row.id, ()),
                rest=self._rest,
            )
            for row in rows
        }

    def _handed(
        self,
        connection: Connection,
        locked: Mapping[int, Delivery],
        claimed: Sequence[Delivery],
        costs: Mapping[int, int],
        now: datetime,
    ) -> list[Step]:
        """Steps of claimed rows that are ours still, after the last look at them."""
        second = int(now.timestamp())
        rows = [
            row
            for before in sorted(claimed, key=lambda row: row.id)
            if (row := locked.get(before.id))
            and row.state is State.CLAIMED
            and row.attempt == before.attempt
            and row.lease_until > second
        ]
        gathered = repository.gathered(connection, rows)
        looked = self._look(connection, [*rows, *chain(*gathered.values())], now)
        messages = [[row, *gathered.get(row.id, ())] for row in rows]
        steps = self._message_steps(connection, messages, looked, costs, now)
        stay = [
            step.before
            for step in steps
            if step.before.shares is None and not stepping.goes(step.after)
        ]
        self._allowances.give_back(connection, stay, now)
        return steps

    def _message_steps(
        self,
        connection: Connection,
        messages: Sequence[Sequence[Delivery]],
        looked: Mapping[int, Verdict],
        costs: Mapping[int, int],
        now: datetime,
    ) -> list[Step]:
        """Steps of the rows of messages, of each the leading one first: all of a message go, or none."""
        second = int(now.timestamp())
        shared = [
            list(zip(rows, gathering.shares_of(costs.get(rows[0].id, 0), len(rows)), strict=True))
            for rows in messages
        ]
        free = [m for m in shared if all(looked[row.id].state is State.HANDING for row, _ in m)]
        verdicts = {**looked, **spending.reserve(connection, free, now)}
        again = Verdict(State.QUEUED, "同一条消息里的另一份通知有变化，重新汇总", second)
        steps: list[Step] = []
        for message in shared:
            goes = all(verdicts[row.id].state is State.HANDING for row, _ in message)
            for row, cost in message:
                verdict = verdicts[row.id]
                waits = verdict.state is State.HANDING and not goes
                steps.append(self._verdict_step(row, again if waits else verdict, cost, second))
        return steps

    def _verdict_step(self, row: Delivery, verdict: Verdict, cost: int, second: int) -> Step:
        if verdict.state is State.HANDING:
            return Step(row, stepping.handing(row, cost, second), stepping.worker(row), "")
        after = results.entered(row, verdict.state, second)
        if verdict.state is State.QUEUED:
            after = replace(after, not_before=verdict.not_before)
        return Step(row, after, stepping.worker(row), verdict.why)

    def _settled(
        self,
        connection: Connection,
        locked: Mapping[int, Delivery],
        found: Sequence[Result],
        who: str,
        now: datetime,
    ) -> list[Step]:
        """Steps of rows whose results were found; what they say of channels and addresses is written down at once."""
        second = int(now.timestamp())
        by_id = {row.id: (row.attempt, outcome) for row, outcome in found if row.id in locked}
        steps, current = [], {}
        for id, (attempt, outcome) in sorted(by_id.items()):
            row = locked[id]
            if row.attempt == attempt:
                result = outcome if who else _of_repetition(row, outcome)
                if row.job and result.cost:
                    others = repository.gathered(connection, [row]).get(row.id, ())
                    borne = sum(other.cost for other in others)
                    result = replace(result, cost=max(0, result.cost - borne))
                by = who or stepping.worker(row)
                steps.append(results.after_outcome(row, result, by, second, self._chance))
                current[row.id] = result
            else:
                late = f"以前一次的迟到结果：{results.said(outcome)}"
                steps.append(Step(row, row, f"worker:{attempt}", late))
        spending.correct(connection, steps)
        if not who:
            rows = [step.before for step in steps if step.before.id in current]
            self._learn(connection, rows, current, now)
        return steps

    def _learn(
        self,
        connection: Connection,
        rows: Sequence[Delivery],
        outcomes: Mapping[int, Outcome],
        now: datetime,
    ) -> None:
        """What outcomes say of addresses, consents, quotas and channels."""
        for row in rows:
            outcome = outcomes[row.id]
            if outcome.consent and row.state in (State.HANDING, State.UNKNOWN):
                refused = outcome.fate is Fate.REFUSED
                self._consent_told(connection, row.person, outcome.consent, refused)
            if outcomes[row.id].gone and row.address is not None:
                why = results.said(outcomes[row.id])
                repository.suppress(connection, row.address, why, int(now.timestamp()))
        untaken = [row for row in rows if outcomes[row.id].fate in _UNTAKEN]
        self._allowances.give_back(connection, untaken, now, persons_only=True)
        for account, those in by_account(rows).items():
            self._close_if_needed(connection, account, [outcomes[r.id] for r in those], now)

    def _close_if_needed(
        self, connection: Connection, account: Account, found: Sequence[Outcome], now: datetime
    ) -> None:
        for outcome in found:
            if outcome.fate is Fate.CLOSED:
                until = outcome.until or quotas.next_day(now)
                switches.close(connection, *account, results.said(outcome), until)
                break
        errors = [outcome for outcome in found if outcome.fate in _ERRORS]
        if errors:
            many = Quotas(connection, *account).errors(now, len(errors))
            if many >= quotas.MOST_ERRORS:
                why = (
                    f"{quotas.ERROR_SECONDS} 秒内出错 {many} 次，已自动停用："
                    f"{results.said(errors[-1])}"
                )
                until = now + quotas.CLOSED_AFTER_ERRORS
                switches.close(connection, *account, why, until)

    def _second(self) -> int:
        return int(self._clock().timestamp())


def _of_repetition(row: Delivery, outcome: Outcome) -> Outcome:
    """A second handing of a letter that may be out: that it was turned down this time says nothing of the first."""
    if row.attempt.startswith(_AGAIN) and outcome.fate in _UNTAKEN:
        return replace(outcome, fate=Fate.UNKNOWN)
    return outcome


def _told_of(receipt: Receipt) -> ColumnElement[bool]:
    """The rows that a receipt is about: by our own key, else by the provider's reference."""
    if receipt.key:
        return deliveries.c.provider_key == receipt.key
    known = repository.known_as(receipt.channel, receipt.account, receipt.ref)
    return known & deliveries.c.shares.is_(None)
