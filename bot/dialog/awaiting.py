"""Questions that had no answer, whose asker agreed to be told once there is one.

Nothing is sent to anybody for it: who comes back, and says anything, is told then, once. So it needs no permission of the
platform, and goes with all else that is remembered of a person.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.answering.model import Answer, Kind, Question
from bot.answering.wording import Wording
from bot.questions.model import UNANSWERED_ROUTE

from .model import Option, Reply, State, Turn, beginning

MOST_AWAITED = 3
"""Questions of one person; a newer one takes the place of the oldest."""

OFFER = "有答复告诉我"
"""What tapping the offer says; ``commands`` knows it."""


class Awaiting:
    """Offers it, remembers it, and tells. ``answer`` is the pure question → answer."""

    def __init__(self, answer: Callable[[Question], Answer], wording: Wording) -> None:
        self._answer = answer
        self._wording = wording

    def offer(self, answer: Answer) -> tuple[Option, ...]:
        """The offer under an answer that says that we have nothing."""
        unanswered = answer.route == UNANSWERED_ROUTE and answer.kind is Kind.DECLINED
        return (Option(self._wording.await_offer, OFFER),) if unanswered else ()

    def agree(self, state: State, area: str | None) -> Turn:
        """Wait for an answer to the last question."""
        question = state.last_question
        if not question or self._has_answer(question, area):
            return Turn(Reply(self._wording.await_nothing), state)
        others = tuple(one for one in state.awaiting if one != question)
        kept = (*others, question)[-MOST_AWAITED:]
        text = self._wording.await_agreed.format(question=beginning(question))
        return Turn(Reply(text), replace(state, awaiting=kept, options=()))

    def stop(self, state: State) -> Turn:
        """Wait for nothing any more."""
        return Turn(Reply(self._wording.await_stopped), replace(state, awaiting=()))

    def told(self, turn: Turn, area: str | None, most: int) -> Turn:
        """The turn, with word of a question that has an answer by now, where its reply has room for one more option."""
        state, reply = turn.state, turn.reply
        if state is None or not state.awaiting or not reply.text or reply.flag:
            return turn
        if state.pending_question is not None or len(reply.options) >= most:
            return turn
        found = next((one for one in state.awaiting if self._has_answer(one, area)), None)
        if found is None:
            return turn
        state = replace(state, awaiting=tuple(one for one in state.awaiting if one != found))
        if found == state.last_question:
            return replace(turn, state=state)  # it was asked again just now
        note = self._wording.await_ready.format(question=beginning(found))
        told = replace(
            reply,
            text=f"{note}\n\n{reply.text}",
            options=(*reply.options, Option(beginning(found), found)),
            options_title=reply.options_title or self._wording.await_title,
        )
        options = tuple(option.message for option in told.options)
        return replace(turn, reply=told, state=replace(state, options=options))

    def _has_answer(self, question: str, area: str | None) -> bool:
        answer = self._answer(Question(question, area=area))
        return answer.kind is Kind.ANSWER and bool(answer.sources) and not answer.needs_area
