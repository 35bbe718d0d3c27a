"""The office's own words are never taken for a cry, a threat or an insult."""

from bot.answering.triage import official_triage
from bot.knowledge.builtin import builtin_contents
from catalogue_index.analysis import normalise


def test_no_official_title_or_question_is_kept_from_the_search() -> None:
    triage = official_triage()
    texts = {
        text
        for content in builtin_contents()
        for text in (
            *(entry.question for entry in content.entries),
            *(f"{p.number}{p.title}" for p in content.passages),
            *(f"{content.document.area_name}{p.title}" for p in content.passages),
            *(" ".join(filter(None, (i.sector, i.category, i.item))) for i in content.items),
        )
    }
    stopped = {text: route for text in texts if (route := triage.before(normalise(text)))}
    assert stopped == {}
