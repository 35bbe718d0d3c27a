"""The drill itself: subscribe, plan, send, strike at random moments, drain, and count everybody."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count as numbers

from sqlalchemy import Connection, func, select

from bot.deliveries.states import NOT_OUT, State
from bot.deliveries.stepping import LEASE
from bot.sandbox.faults import Fault
from bot.storage.schema import audience, claims, deliveries

from .crew import Crew
from .model import Choices, Count, Found, count, planned_wholly
from .office import Office, open_office
from .processes import DrillRefused, Process
from .stage import ACCOUNT, TEMPLATES, Stage

PREFIX = "oDrill_"
SEND_PATHS: Mapping[str, str] = {
    "wechat_notice": "/cgi-bin/message/subscribe/bizsend",
    "wechat_template": "/cgi-bin/message/template/send",
}
FAULT_SECONDS = 1.0
"""How long a slow or silent call takes in a drill."""

STRIKES = (0.2, 0.9)
"""The part of the letters after which, and before which, something is done to a sending process."""

SETTLING: Mapping[str, int] = {"wechat_notice": 10 * 60, "wechat_template": 15 * 60}
"""Seconds of the drill for letters whose fate is unknown, after the last receipt has come. Of 模板消息 the platform knows a
repetition for ten minutes; of 订阅通知 it tells nothing but by receipts."""

PATIENCE = 600
"""Real seconds without any progress after which a drill is given up."""

_LOOK = 0.05

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a drill came to. ``planner`` is how many rows each killed planner left; seconds are real ones."""

    count: Count
    planner: tuple[int, ...]
    kills: int
    pauses: int
    seconds: float
    sending_seconds: float
    fallen: tuple[str, ...]

    @property
    def per_second(self) -> float:
        """Letters a second while they were being sent."""
        return self.count.received / self.sending_seconds if self.sending_seconds else 0.0

    @property
    def passed(self) -> bool:
        """Everybody is accounted for, nobody twice, and no planner left a part of its work."""
        whole = all(planned_wholly(self.count.planned, rows) for rows in self.planner)
        return self.count.passed and whole


def rehearse(choices: Choices, stage: Stage, tell: Progress) -> Rehearsed:
    """Hold a drill on a stage; raises ``DrillRefused`` where it cannot be brought to its end."""
    began, chance = time.monotonic(), random.Random(choices.seed)
    office = open_office(stage.settings, stage.database, stage.vault, stage.clock)
    openids = gather(choices, stage, office, tell)
    push = office.submit(choices.channel)
    planner = tuple(_kill_planners(choices, stage, office, push, chance, tell))
    if not office.planned(push):
        office.approve(push)
    _set_faults(choices, stage)
    with _crew(stage, choices) as crew:
        sending = _Sending(stage, office, push, tell)
        sending.strike(crew, choices, chance)
        sending.drain()
        sending_seconds = sending.seconds
        sending.settle(SETTLING[choices.channel])
        fallen = tuple(crew.fallen())
    found = _found(stage, office, push, openids)
    return Rehearsed(
        count=count(found),
        planner=planner,
        kills=sending.kills,
        pauses=sending.pauses,
        seconds=time.monotonic() - began,
        sending_seconds=sending_seconds,
        fallen=fallen,
    )


def gather(choices: Choices, stage: Stage, office: Office, tell: Progress) -> list[str]:
    """Followers in the sandbox who agreed there and subscribed here."""
    tell("召集关注者", 0, 1)
    template, _ = TEMPLATES[choices.channel]
    agreed = [template] if choices.channel == "wechat_notice" else []
    stage.sandbox.set(
        "followers", account=ACCOUNT, count=choices.people, prefix=PREFIX, agreed=agreed
    )
    openids = [f"{PREFIX}{number:08d}" for number in range(1, choices.people + 1)]
    office.subscribe(openids)
    return openids


def _kill_planners(
    choices: Choices,
    stage: Stage,
    office: Office,
    push: str,
    chance: random.Random,
    tell: Progress,
) -> Iterator[int]:
    """Kill the last approval at a random point, again and again; how many rows each left."""
    longest = _approval_seconds(stage, office, push) if choices.planner_kills else 0.0
    for done in range(choices.planner_kills):
        tell("中断审批入账", done, choices.planner_kills)
        process = _approving(stage, push)
        time.sleep(chance.uniform(0, 1.3) * longest)
        process.kill()
        rows = office.planned(push)
        yield rows
        if rows:
            office.take_back(push)


def _approval_seconds(stage: Stage, office: Office, push: str) -> float:
    """How long an approval takes that nobody interrupts; the push waits for it again afterwards."""
    process = _approving(stage, push)
    began = time.monotonic()
    process.line()
    seconds = time.monotonic() - began
    process.wait(PATIENCE)
    office.take_back(push)
    return seconds


def _approving(stage: Stage, push: str) -> Process:
    arguments = ["--clock", str(stage.clock), push]
    process = Process("bot.drill.office", arguments, stage.environment, stage.log)
    process.line()
    return process


def _set_faults(choices: Choices, stage: Stage) -> None:
    path = SEND_PATHS[choices.channel]
    rules = [
        Fault(path, kind, choices.fault_chance, seconds=FAULT_SECONDS, seed=choices.seed)
        for kind in choices.faults
    ]
    stage.sandbox.set("faults", rules=[asdict(rule) for rule in rules], latency=choices.latency)


@contextmanager
def _crew(stage: Stage, choices: Choices) -> Iterator[Crew]:
    crew = Crew(stage, choices.workers, choices.senders)
    try:
        yield crew
    finally:
        crew.stop()


class _Sending:
    """A push under way: what is done to those who send it, and how far it is."""

    def __init__(self, stage: Stage, office: Office, push: str, tell: Progress) -> None:
        self._stage = stage
        self._push = push
        self._tell = tell
        self._total = office.planned(push)
        self._began = time.monotonic()
        self._ended = self._began
        self.kills = 0
        self.pauses = 0

    @property
    def seconds(self) -> float:
        """Since the first letter could go, until the last was out."""
        return self._ended - self._began

    def strike(self, crew: Crew, choices: Choices, chance: random.Random) -> None:
        """Kill and freeze, each at its moment, one process after the other."""
        blows = ["kill"] * choices.kills + ["pause"] * choices.pauses
        chance.shuffle(blows)
        moments = sorted(chance.uniform(*STRIKES) for _ in blows)
        for blow, moment, number in zip(blows, moments, numbers(), strict=False):
            place = number % len(crew)
            self._wait(moment)
            self._wait_for_work(crew, place)
            if blow == "kill":
                crew.replace(place)
                self.kills += 1
            else:
                crew.freeze(place)
                time.sleep(3 * LEASE / choices.speed)
                crew.wake(place)
                self.pauses += 1

    def drain(self) -> None:
        """Until nothing waits to be sent."""
        self._wait(1)

    def settle(self, most: int) -> None:
        """Until every letter has a result, or those that are left had ``most`` seconds of the drill for it."""
        last = self._stage.clock().timestamp()
        while self._stage.clock().timestamp() < last + most:
            states = self._states()
            left = sum(n for state, n in states.items() if state in NOT_OUT | {State.HANDING})
            unknown = states.get(State.UNKNOWN, 0)
            self._tell("核实结果", self._total - left - unknown, self._total)
            if self._stage.sandbox.ask("received")["events"]:
                last = self._stage.clock().timestamp()
            elif not left and not unknown:
                return
            time.sleep(1)

    def _wait(self, part: float) -> None:
        """Until this part of the letters is out."""
        last, since = -1, time.monotonic()
        while True:
            states = self._states()
            out = self._total - sum(n for s, n in states.items() if s in NOT_OUT)
            self._tell("发送", out, self._total)
            if out != last:
                last, since = out, time.monotonic()
                self._ended = since
            if out >= part * self._total:
                return
            if time.monotonic() - since > PATIENCE:
                raise DrillRefused(
                    f"演练停住了：{PATIENCE} 秒没有进展。原因见日志，或减少 --faults 后再试。"
                )
            time.sleep(_LOOK)

    def _wait_for_work(self, crew: Crew, place: int) -> None:
        """Until who stands at a place has letters in hand, so that the blow hits something; or nothing is left."""
        while not self._in_hand(crew.names[place]) and self._waiting():
            time.sleep(_LOOK / 10)

    def _in_hand(self, name: str) -> bool:
        claimed = select(claims.c.delivery).where(claims.c.attempt.startswith(f"{name}."))
        handing = select(deliveries.c.id).where(
            deliveries.c.push == self._push,
            deliveries.c.state == State.HANDING,
            deliveries.c.attempt.startswith(f"{name}."),
        )
        with self._stage.database.read() as connection:
            return any(connection.execute(q.limit(1)).first() for q in (claimed, handing))

    def _waiting(self) -> bool:
        return any(state in NOT_OUT for state in self._states())

    def _states(self) -> dict[State, int]:
        with self._stage.database.read() as connection:
            return _states(connection, self._push)


def _states(connection: Connection, push: str) -> dict[State, int]:
    query = select(deliveries.c.state, func.count()).where(deliveries.c.push == push)
    rows = connection.execute(query.group_by(deliveries.c.state))
    return {State(state): int(many) for state, many in rows}


def _found(stage: Stage, office: Office, push: str, openids: list[str]) -> Found:
    by_openid = {openid: office.person(openid) for openid in openids}
    with stage.database.read() as connection:
        seats = connection.execute(
            select(audience.c.person, audience.c.included).where(audience.c.push == push)
        ).all()
        rows = connection.execute(
            select(deliveries.c.person, deliveries.c.state).where(deliveries.c.push == push)
        ).all()
    return Found(
        included=frozenset(person for person, included in seats if included),
        excluded=sum(not included for _, included in seats),
        states={person: State(state) for person, state in rows},
        received={
            by_openid.get(openid, openid): times
            for openid, times in stage.sandbox.received().items()
        },
    )
