"""From a question nobody answered to one that is answered, over the console's own pages."""

import re
import time

import pytest

from bot.answering.model import Answer, Kind, Question
from bot.bootstrap import questions as keeping
from bot.officers import repository
from bot.officers.model import Officer, Role
from tests.bot.admin.conftest import AREA, PASSWORD, QUICK, words

NOT_FOUND = Answer(Kind.DECLINED, "near_miss", "没有")
HOSTILE = "<script>alert(1)</script>{{7*7}}\u202eevil =1+1"
PAGE = "/faq/guangdong-2020-notice-2"


@pytest.fixture
def asked(desk):
    """Keeps questions as the citizen's page does."""
    kept = keeping(desk.parts, desk.database)

    def ask(text, area=AREA, times=1):
        for _ in range(times):
            kept.record(Question(text, area), NOT_FOUND)

    return ask


def link(answer, part):
    """The first address of a page that has ``part``."""
    return re.search(rf'href="/admin([^"]*{part}[^"]*)"', answer.text)[1]


def wait(desk, edit):
    """Until nothing is done any more with an edit, as the page does that shows its progress."""
    for _ in range(600):
        if "HX-Refresh" in desk.get(Role.REVIEWER, f"{edit}/progress").headers:
            return
        time.sleep(0.2)
    raise AssertionError("still not done")


@pytest.fixture
def group(desk, asked):
    asked("街坊单子归谁编呀", times=3)
    return link(desk.get(Role.DRAFTER, "/desk"), "/desk/groups/")


@pytest.fixture
def edit(desk, group):
    sent = desk.send(
        Role.DRAFTER, f"{group}/alias", page=PAGE, texts="街坊单子归谁编呀\n单子归谁编"
    )
    assert sent.status_code == 303, words(sent)
    return sent.headers["location"].removeprefix("/admin")


def test_an_empty_desk_says_what_it_is_for(desk):
    assert "没有待处理的问题" in words(desk.get(Role.DRAFTER, "/desk"))
    assert "没有等待审核的" in words(desk.get(Role.DRAFTER, "/desk/edits"))
    assert "还没有处理过" in words(desk.get(Role.DRAFTER, "/desk/closed"))


def test_what_was_not_answered_is_seen_with_its_words_and_what_it_gets_now(desk, group):
    overview = words(desk.get(Role.DRAFTER, "/desk"))
    assert "街坊单子归谁编呀" in overview
    assert "广东省肇庆市高要区" in overview
    page = words(desk.get(Role.DRAFTER, group))
    assert "问了 3 次" in page
    assert "现在再问" in page


def test_near_ones_are_shown_together_and_closed_with_those_ticked(desk, asked, group):
    asked("街坊单子归谁编写")
    asked("街坊单子归谁修编")
    page = desk.get(Role.DRAFTER, group)
    near = re.findall(r'name="near" value="(\w+)"', page.text)
    assert near

    desk.send(Role.DRAFTER, f"{group}/decline", note="不归我们", near=near)

    assert "没有待处理的问题" in words(desk.get(Role.DRAFTER, "/desk"))
    assert "不归我们" in words(desk.get(Role.DRAFTER, "/desk/closed"))


def test_a_way_of_asking_holds_once_another_officer_approved_it(desk, edit):
    assert "等另一位" in words(desk.get(Role.DRAFTER, edit))
    assert "街坊单子归谁编呀" in words(desk.get(Role.REVIEWER, "/desk/edits"))

    approved = desk.send(Role.REVIEWER, f"{edit}/approve")
    assert approved.status_code == 303, words(approved)
    wait(desk, edit)
    assert "生效中" in words(desk.get(Role.REVIEWER, edit))

    withdrawn = desk.send(Role.REVIEWER, f"{edit}/withdraw", note="答非所问")
    assert withdrawn.status_code == 303
    wait(desk, edit)
    assert "已撤下" in words(desk.get(Role.REVIEWER, edit))
    assert "街坊单子归谁编呀" in words(desk.get(Role.DRAFTER, "/desk"))
    log = [(r.deed.action, r.deed.who, r.deed.outcome) for r in desk.records.search(limit=20)]
    assert ("desk.approve", "审核甲", "done") in log
    assert ("desk.alias", "经办甲", "done") in log


def test_who_reviews_sees_what_changes_before_they_decide(desk, edit):
    wait(desk, edit)

    page = words(desk.get(Role.REVIEWER, edit))
    assert re.search(r"问了 \d+ 道题", page)
    assert "答复会变" in page


def test_a_proposal_turned_down_brings_its_question_back(desk, edit):
    refused = desk.send(Role.REVIEWER, f"{edit}/reject", note="")
    assert refused.status_code == 422
    assert "原因" in words(refused)
    desk.send(Role.REVIEWER, f"{edit}/reject", note="不是一回事")

    assert "不是一回事" in words(desk.get(Role.DRAFTER, edit))
    assert "街坊单子归谁编呀" in words(desk.get(Role.DRAFTER, "/desk"))


def test_nobody_approves_what_they_proposed(desk, desk_on, group):
    both = Officer(0, "双岗", (Role.DRAFTER, Role.REVIEWER), (AREA,))
    with desk.database.write() as connection:
        repository.add(connection, both, QUICK.hash(PASSWORD), 0)
    sent = desk.send("双岗", f"{group}/alias", page=PAGE, texts="街坊单子归谁编呀")
    edit = sent.headers["location"].removeprefix("/admin")

    assert "要由另一位同事审核" in words(desk.get("双岗", edit))
    assert "另一位同志" in words(desk.send("双岗", f"{edit}/approve"))


def test_an_answer_without_source_is_refused_and_what_was_typed_stays(desk, group):
    typed = {"question": "谁编单子", "answer": "由区里编。", "title": "办法", "area": "高要区"}
    refused = desk.send(Role.DRAFTER, f"{group}/entry", **typed)

    assert refused.status_code == 422
    assert "出处" in words(refused)
    assert "由区里编。" in refused.text
    sent = desk.send(Role.DRAFTER, f"{group}/entry", **typed, number="高府〔2024〕3号")
    page = words(desk.get(Role.REVIEWER, sent.headers["location"].removeprefix("/admin")))
    assert "由区里编。" in page
    assert "高府〔2024〕3号" in page


def test_what_nobody_asked_yet_can_be_proposed_for_ones_own_area_only(desk):
    form = {"page": "other", "other": PAGE, "texts": "单子归谁编"}
    assert "不在您负责" in words(desk.send(Role.DRAFTER, "/desk/new/alias", area="泽州县", **form))

    sent = desk.send(Role.DRAFTER, "/desk/new/alias", area="高要区", **form)
    assert sent.status_code == 303, words(sent)
    assert "公开页面的地址" in words(desk.get(Role.DRAFTER, "/desk/new?words=低保公示几天"))


def test_questions_of_another_area_are_not_there(desk, asked):
    asked("街坊单子归谁编呀", area="140525")

    assert "街坊" not in desk.get(Role.DRAFTER, "/desk").text
    assert desk.get(Role.DRAFTER, "/desk/groups/140525/x").status_code == 404
    assert desk.get(Role.DRAFTER, "/desk/groups/-/x").status_code == 404


def test_hostile_words_are_text(desk, asked):
    asked(HOSTILE)
    for path in ("/desk", link(desk.get(Role.DRAFTER, "/desk"), "/desk/groups/")):
        page = desk.get(Role.DRAFTER, path)
        assert "<script>alert" not in page.text
        assert "49" not in re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", words(page))


def test_many_groups_are_read_page_by_page(desk, asked):
    for number in range(25):
        asked("".join(chr(0x4E00 + 37 * number + 1000 * place) for place in range(6)))
    first = desk.get(Role.DRAFTER, "/desk")
    after = re.search(r'href="\?([^"]*after[^"]*)"', first.text)[1].replace("&amp;", "&")
    second = desk.get(Role.DRAFTER, f"/desk?{after}")

    seen = [set(re.findall(r"/desk/groups/[\w-]+/\w+", page.text)) for page in (first, second)]
    assert [len(one) for one in seen] == [20, 5]
    assert not seen[0] & seen[1]
    assert len(desk.get(Role.DRAFTER, "/desk?after=nothing&order=last").text) > 1000
