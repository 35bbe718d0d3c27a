"""The sending processes of a drill, and what is done to them: killed, frozen, woken."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass

from .processes import Process, unbroken
from .stage import Stage

SENDER = "bot.drill.sender"


@dataclass
class _Place:
    """One place in the crew, and who stands there now; each that is killed is followed by another."""

    process: Process
    name: str
    took: int = 1


class Crew:
    """So many sending processes."""

    def __init__(self, stage: Stage, workers: int, senders: int) -> None:
        self._stage = stage
        self._senders = senders
        self._places: list[_Place] = []
        try:
            for number in range(1, workers + 1):
                name = f"w{number}"
                with unbroken():
                    self._places.append(_Place(self._start(f"{name}-1"), name))
            for place in self._places:
                place.process.line()
        except BaseException:
            # Nobody has the crew yet who could end it.
            for place in self._places:
                place.process.kill()
            raise

    def __len__(self) -> int:
        return len(self._places)

    @property
    def names(self) -> Sequence[str]:
        """Who stands at each place, as the ledger names them."""
        return [f"{place.name}-{place.took}" for place in self._places]

    def replace(self, place: int) -> None:
        """Kill who stands at a place, and have another one start at once."""
        one = self._places[place]
        one.process.kill()
        one.took += 1
        with unbroken():
            one.process = self._start(f"{one.name}-{one.took}")

    def freeze(self, place: int) -> None:
        """Stop the clock of who stands at a place, as a computer does that is put to sleep."""
        self._places[place].process.signal(signal.SIGSTOP)

    def wake(self, place: int) -> None:
        """Let it go on."""
        self._places[place].process.signal(signal.SIGCONT)

    def fallen(self) -> list[str]:
        """Who ended without being asked to."""
        return [
            f"{place.name}-{place.took}" for place in self._places if not place.process.running()
        ]

    def stop(self) -> None:
        """Ask all to end, and wait until they have."""
        for place in self._places:
            place.process.signal(signal.SIGCONT)
            place.process.signal(signal.SIGTERM)
        for place in self._places:
            place.process.stop()

    def _start(self, name: str) -> Process:
        arguments = ["--clock", str(self._stage.clock), "--name", name]
        arguments += ["--senders", str(self._senders)]
        return Process(SENDER, arguments, self._stage.environment, self._stage.log)
