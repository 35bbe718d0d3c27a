import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.subscriptions.model import NOBODY, Digest, Kind, Standing, Topic

TOPICS = st.sampled_from([Topic(Kind.GROUP, name) for name in "甲乙丙"])


class Life(RuleBasedStateMachine):
    """All that can happen to a subscriber, in any order, beside a plain account of what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriber = NOBODY
        self.wanted: set[Topic] = set()
        self.gone = True

    @rule(topic=TOPICS)
    def subscribe(self, topic: Topic) -> None:
        self.subscriber = self.subscriber.subscribed([topic], "words", "441204")
        self.wanted = {topic} if self.gone else self.wanted | {topic}
        self.gone = False

    @rule(topic=TOPICS)
    def unsubscribe(self, topic: Topic) -> None:
        self.subscriber = self.subscriber.unsubscribed([topic])
        self.wanted -= {topic}
        self.gone = self.gone or not self.wanted

    @rule()
    def leave(self) -> None:
        self.subscriber = self.subscriber.left()
        self.wanted, self.gone = set(), True

    @rule()
    def unfollow(self) -> None:
        self.subscriber = self.subscriber.ended()
        self.gone = True

    @rule()
    def restore(self) -> None:
        self.subscriber = self.subscriber.restored()
        self.gone = not self.wanted

    @rule()
    def pause(self) -> None:
        self.subscriber = self.subscriber.paused()

    @rule(digest=st.sampled_from(Digest))
    def choose_digest(self, digest: Digest) -> None:
        self.subscriber = self.subscriber.digested(digest)

    @invariant()
    def it_is_as_the_person_asked(self) -> None:
        assert set(self.subscriber.topics) == self.wanted
        assert self.subscriber.receives is not self.gone

    @invariant()
    def who_receives_subscribes_to_something(self) -> None:
        assert not self.subscriber.receives or self.subscriber.subscriptions

    @invariant()
    def topics_are_held_once(self) -> None:
        assert len(set(self.subscriber.topics)) == len(self.subscriber.topics)


TestLife = Life.TestCase


def test_a_pause_is_kept_until_something_is_asked_for() -> None:
    paused = NOBODY.subscribed([Topic(Kind.GROUP, "甲")], "words").paused(until=5)

    assert (paused.standing, paused.paused_until) == (Standing.PAUSED, 5)
    assert paused.subscribed([Topic(Kind.GROUP, "乙")], "words").standing is Standing.ACTIVE
    assert NOBODY.paused() == NOBODY
