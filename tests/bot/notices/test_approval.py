from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.deliveries.pushes import PushKeeper
from bot.deliveries.states import State
from bot.notices.chain import ApprovalRefused, Chain, Officer
from bot.notices.gates import EVERY
from bot.notices.model import NoticeState, Plan, Purpose, PushState, Rule
from bot.storage.schema import approvals, audience, notices, pushes, subscribers
from tests.bot.notices.office import CHAIN, ELDERS, TEXT


@pytest.fixture
def express(express):
    express.subscriber("张")
    return express


def refused(express, push, words, call):
    """What is refused says why, and is written down."""
    before = express.events(push)
    with pytest.raises(ApprovalRefused, match=words):
        call()
    assert [what for what in express.events(push)[len(before) :] if what.startswith("refused:")]


def test_three_officers_bring_a_push_into_the_ledger(express):
    push = express.submitted()

    for officer, next_step in (("乙", "复审"), ("丙", "终审"), ("丁", "")):
        assert not express.letters(push)
        express.approvals.approve(push.id, officer)
        assert express.approvals.standing(push.id).next_step == next_step

    standing = express.approvals.standing(push.id)
    assert standing.push.state is PushState.APPROVED
    assert [(a.step, a.officer) for a in standing.approvals] == [
        ("初审", "乙"),
        ("复审", "丙"),
        ("终审", "丁"),
    ]
    assert express.letters(push).keys() == {("张", "sms")}
    assert express.notices.public(push.notice).state is NoticeState.PUBLISHED
    assert express.approvals.send(push.id, "戊").state is PushState.RUNNING
    assert express.events(push) == [
        "drafted",
        "submitted",
        *["approved"] * 4,
        "running",
    ]


def test_the_author_approves_nothing_under_whatever_role(express):
    push = express.submitted()

    refused(express, push, "不能审批自己", lambda: express.approvals.approve(push.id, "甲"))
    refused(express, push, "不能审批自己", lambda: express.approvals.approve(push.id, "戊"))


def test_nobody_approves_twice(express):
    push = express.submitted()
    express.approvals.approve(push.id, "丙")

    refused(express, push, "已经审批过", lambda: express.approvals.approve(push.id, "丙"))


@pytest.mark.parametrize("officer", ["丁", "谁也不是"])
def test_a_step_is_for_those_who_have_its_role(express, officer):
    push = express.submitted()

    refused(express, push, officer, lambda: express.approvals.approve(push.id, officer))


def test_what_hinders_an_officer_is_known_before(express):
    push = express.submitted()
    assert express.approvals.hindrance(push.id, "乙") == ""
    for officer, why in {"戊": "不能审批自己", "丁": "没有这项职责", "谁": "名单里没有"}.items():
        assert why in express.approvals.hindrance(push.id, officer)
    express.approvals.approve(push.id, "丙")
    assert "已经审批过" in express.approvals.hindrance(push.id, "丙")


def test_who_is_asked_for_the_gates_passes_them_all(express):
    push = express.submitted()
    some = EVERY - {"secrecy"}
    refused(express, push, "保密关", lambda: express.approvals.approve(push.id, "乙", passed=some))
    express.approvals.approve(push.id, "乙", "金额已核", passed=EVERY)
    (done,) = express.approvals.decisions(push.id)
    assert done.note == "政治关、法律关、保密关、文字关已核；金额已核"


def test_who_begins_to_work_here_is_known_at_once_and_who_left_no_more(express):
    staff = list(CHAIN.officers())
    office = express.approvals_of(replace(CHAIN, officers=lambda: staff))
    push = express.submitted()

    staff.append(Officer("新来的", ("初审",)))
    office.approve(push.id, "新来的")
    staff[:] = [one for one in staff if one.name != "丙"]

    refused(express, push, "名单里没有", lambda: office.approve(push.id, "丙"))


def test_only_drafters_draft_and_submit(express):
    with pytest.raises(ApprovalRefused, match="起草"):
        express.approvals.draft(express.notice().id, ELDERS, "乙")


def test_nothing_starts_before_the_last_step(express):
    push = express.submitted()
    express.approvals.approve(push.id, "乙")

    refused(express, push, "待审批", lambda: express.approvals.send(push.id, "戊"))


@pytest.mark.parametrize("steps", [("终审",), (), ("初审", "初审")])
def test_less_than_two_steps_is_no_chain(steps):
    with pytest.raises(ApprovalRefused, match="至少要有两步"):
        Chain(steps=steps)


def test_two_steps_are_enough(express):
    two = express.approvals_of(replace(CHAIN, steps=("初审", "终审")))
    push = express.submitted()

    two.approve(push.id, "乙")

    assert two.approve(push.id, "丁").state is PushState.APPROVED


# --- whatever changes voids ---


def edit(express, push):
    text = replace(TEXT, body="每月六十元。")
    express.notices.edit(push.notice, text, "", express.approvals.reopen)


def change_plan(express, push):
    express.approvals.change(push.id, replace(push.plan, urgent="台风"), "戊")


@pytest.mark.parametrize("changed", [edit, change_plan])
@pytest.mark.parametrize("done", [1, 3])
def test_a_change_voids_all_approvals(express, changed, done):
    push = express.submitted()
    for officer in ("乙", "丙", "丁")[:done]:
        express.approvals.approve(push.id, officer)

    changed(express, push)

    standing = express.approvals.standing(push.id)
    assert (standing.push.state, standing.approvals) == (PushState.DRAFT, ())
    assert not express.letters(push)
    assert express.notices.public(push.notice) is None
    express.approvals.submit(push.id, "戊")
    refused(express, push, "复审|没有", lambda: express.approvals.approve(push.id, "丁"))


@pytest.mark.parametrize(
    "tampered",
    [
        lambda e, p: e.change(pushes, pushes.c.id == p.id, plan='{"rule":{},"channels":["sms"]}'),
        lambda e, p: e.change(notices, notices.c.id == p.notice, area="44"),
        lambda e, p: e.change(audience, audience.c.push == p.id, included=0),
        lambda e, p: e.change(audience, audience.c.push == p.id, person="李"),
        lambda e, p: e.change(pushes, pushes.c.id == p.id, not_before=1),
        lambda e, p: e.change(pushes, pushes.c.id == p.id, reason="别的"),
    ],
)
def test_what_was_changed_behind_our_back_is_not_approved(express, tampered):
    push = express.submitted()
    express.approvals.approve(push.id, "乙")

    tampered(express, push)

    refused(express, push, "作废", lambda: express.approvals.approve(push.id, "丙"))
    assert express.approvals.find(push.id).state is PushState.DRAFT
    with express.database.read() as connection:
        assert all(connection.execute(select(approvals.c.void_at)).scalars())


def test_approvals_expire(express):
    push = express.submitted()
    express.approvals.approve(push.id, "乙")
    express.clock.pass_(hours=24)

    refused(express, push, "超过 24 小时", lambda: express.approvals.approve(push.id, "丙"))
    assert express.approvals.find(push.id).state is PushState.DRAFT


def test_an_approved_push_that_was_not_started_in_time_is_not_started(express):
    push = express.approved()
    express.clock.pass_(hours=24)

    refused(express, push, "超过 24 小时", lambda: express.approvals.send(push.id, "戊"))
    assert not express.letters(push)


def test_nor_does_it_start_by_itself(express):
    push = express.approved()
    keeper = PushKeeper(express.database, express.clock, timedelta(hours=24))
    express.clock.pass_(hours=24)

    assert keeper.begin() == 1

    standing = express.approvals.standing(push.id)
    assert (standing.push.state, standing.push.hash) == (PushState.DRAFT, "")
    assert standing.approvals == ()
    assert not express.letters(push)
    assert express.notices.public(push.notice) is None
    last = express.notices.history(push.id)[-1]
    assert (last.who, last.what, last.detail) == ("系统", "draft", "审批已超过有效时间")
    assert express.approvals.submit(push.id, "戊").state is PushState.SUBMITTED
    assert keeper.begin() == 0


def test_an_approval_for_later_is_good_on_its_day(express):
    tomorrow = int((express.clock() + timedelta(hours=30)).timestamp())
    push = express.draft(not_before=tomorrow)
    express.approvals.submit(push.id, "戊")
    for officer in ("乙", "丙", "丁"):
        express.approvals.approve(push.id, officer)
    express.clock.pass_(hours=30)

    PushKeeper(express.database, express.clock, timedelta(hours=24)).begin()

    assert express.approvals.find(push.id).state is PushState.RUNNING


def test_a_rejected_push_is_mended_and_submitted_again(express):
    push = express.submitted()
    express.approvals.approve(push.id, "乙")
    refused(express, push, "理由", lambda: express.approvals.reject(push.id, "丙", " "))

    assert express.approvals.reject(push.id, "丙", "金额写错").state is PushState.REJECTED

    express.approvals.submit(push.id, "戊")
    assert express.approvals.standing(push.id).next_step == "初审"


# --- submitting ---


def test_what_blocks_is_not_submitted(express):
    notice = express.notice(policy=True)
    push = express.approvals.draft(notice.id, ELDERS, "戊")

    refused(express, push, "解读", lambda: express.approvals.submit(push.id, "戊"))


def test_what_is_doubtful_must_be_ticked(express):
    notice = express.notice(body="咨询电话0758-8391234。")
    push = express.approvals.draft(notice.id, ELDERS, "戊")

    refused(express, push, "phones", lambda: express.approvals.submit(push.id, "戊"))
    submitted = express.approvals.submit(push.id, "戊", ticked=["phones"])

    assert submitted.state is PushState.SUBMITTED
    assert express.approvals.dossier(push.id).ticked == ("phones",)


def test_costs_are_known_before_and_capped(express):
    push = express.draft(replace(ELDERS, cost_cap=549))

    refused(express, push, "超过上限", lambda: express.approvals.submit(push.id, "戊"))
    express.approvals.change(push.id, ELDERS, "戊")
    express.approvals.submit(push.id, "戊")
    assert express.approvals.dossier(push.id).cost == 550 * 2  # two segments


def test_a_push_to_nobody_is_not_submitted(express):
    push = express.draft(replace(ELDERS, rule=Rule(groups=("渔民",))))

    refused(express, push, "没有可以送达的人", lambda: express.approvals.submit(push.id, "戊"))


@pytest.mark.parametrize(
    "plan", [Plan(Rule(), ("sms",)), Plan(Rule(everyone=True), ())], ids=["nobody", "no channel"]
)
def test_a_plan_says_to_whom_and_how(express, plan):
    with pytest.raises(ApprovalRefused):
        express.draft(plan)


# --- once, and what follows ---


def test_a_version_is_sent_for_the_first_time_once(express):
    push = express.approved()

    with pytest.raises(ApprovalRefused, match=push.id):
        express.approvals.draft(push.notice, ELDERS, "戊")
    express.approvals.withdraw(push.id, "戊")
    assert not express.letters(push)
    assert express.approvals.draft(push.notice, ELDERS, "戊").sequence == 1


@pytest.mark.parametrize("purpose", [Purpose.REMINDER, Purpose.CORRECTION, Purpose.WITHDRAWAL])
def test_what_follows_needs_a_reason_and_what_it_follows(express, purpose):
    push = express.approved()
    follow = replace(ELDERS, follows=push.id)

    def draft(plan, reason):
        return express.approvals.draft(push.notice, plan, "戊", purpose, reason)

    with pytest.raises(ApprovalRefused, match="发出过"):
        draft(follow, "金额有误")
    express.approvals.send(push.id, "戊")
    with pytest.raises(ApprovalRefused, match="理由"):
        draft(follow, " ")
    with pytest.raises(ApprovalRefused, match="接着哪一次"):
        draft(ELDERS, "金额有误")
    assert draft(follow, "金额有误").sequence == 0
    assert draft(follow, "又有误").sequence == 1


def test_a_correction_goes_to_exactly_those_who_may_have_it(express):
    everyone = {f"人{state}": state for state in State}
    for person in everyone:
        express.subscriber(person)
    express.subscriber("走了的")
    push = express.approved()
    express.approvals.send(push.id, "戊")
    for person, state in everyone.items():
        express.set_deliveries(push, person, state)
    express.set_deliveries(push, "张", State.FAILED)
    express.set_deliveries(push, "走了的", State.DELIVERED)
    express.subscriber("后来的")
    express.change(subscribers, subscribers.c.person == "走了的", state="ended")
    follow = replace(ELDERS, follows=push.id)
    correction = express.approvals.draft(push.notice, follow, "戊", Purpose.CORRECTION, "金额有误")

    refused(express, correction, "没有发完", lambda: express.approvals.submit(correction.id, "戊"))
    express.set_push(push, state=PushState.FINISHED)
    refused(express, correction, "没有发完", lambda: express.approvals.submit(correction.id, "戊"))
    for state in ("waiting", "queued", "claimed", "handing"):
        express.set_deliveries(push, f"人{state}", State.CANCELLED)
    express.approvals.submit(correction.id, "戊")

    rows = express.audience(correction)
    assert {p for p, row in rows.items() if row[0]} == {
        "人accepted",
        "人delivered",
        "人no_receipt",
        "人unknown",
    }
    assert {p: row[1] for p, row in rows.items() if not row[0]} == {
        "走了的": ["本人已退订或取消关注"]
    }


def test_a_new_version_is_public_when_it_is_approved(express):
    push = express.approved()
    express.approvals.send(push.id, "戊")
    express.set_push(push, state=PushState.FINISHED)
    express.set_deliveries(push, "张", State.DELIVERED)
    express.notices.edit(
        push.notice, replace(TEXT, body="每月六十元。"), "还没批准", express.approvals.reopen
    )
    follow = replace(ELDERS, follows=push.id)
    correction = express.approvals.draft(push.notice, follow, "戊", Purpose.CORRECTION, "金额有误")
    express.approvals.submit(correction.id, "戊")
    public = express.notices.public(push.notice)
    assert (public.text.body, public.note) == (TEXT.body, "")

    for officer in ("乙", "丙", "丁"):
        express.approvals.approve(correction.id, officer)

    public = express.notices.public(push.notice)
    assert (public.version, public.text.body, public.state, public.note) == (
        2,
        "每月六十元。",
        NoticeState.UPDATED,
        "金额有误",
    )


# --- under way ---


def test_pause_resume_stop(express):
    push = express.approved()
    express.approvals.send(push.id, "戊")

    assert express.approvals.pause(push.id, "戊").state is PushState.PAUSED
    refused(express, push, "现在不能", lambda: express.approvals.pause(push.id, "乙"))
    refused(express, push, "审批职责", lambda: express.approvals.resume(push.id, "戊"))
    assert express.approvals.resume(push.id, "乙").state is PushState.RUNNING
    assert express.approvals.stop(push.id, "丁", "写错").state is PushState.STOPPED
    refused(express, push, "已停止", lambda: express.approvals.resume(push.id, "乙"))


def test_a_recall_says_so_at_once_and_stops_everything(express):
    push = express.approved()
    express.approvals.send(push.id, "戊")
    with pytest.raises(ApprovalRefused, match="原因"):
        express.approvals.recall(push.notice, "丁", "")

    express.approvals.recall(push.notice, "丁", "文件废止")

    public = express.notices.public(push.notice)
    assert (public.state, public.note) == (NoticeState.RECALLED, "文件废止")
    assert express.approvals.find(push.id).state is PushState.STOPPED
    with pytest.raises(ApprovalRefused, match="不用再撤回"):
        express.approvals.recall(push.notice, "丁", "再次")


def test_a_recall_takes_an_approved_push_out_of_the_ledger(express):
    push = express.approved()

    express.approvals.recall(push.notice, "乙", "文件废止")

    assert express.approvals.find(push.id).state is PushState.WITHDRAWN
    assert not express.letters(push)


def test_a_push_for_later_waits_for_its_time(express):
    later = int((express.clock() + timedelta(hours=5)).timestamp())
    push = express.draft(not_before=later)
    express.approvals.submit(push.id, "戊")
    for officer in ("乙", "丙", "丁"):
        push = express.approvals.approve(push.id, officer)

    assert (push.not_before, push.expires_at) == (later, later + 48 * 3600)
    refused(express, push, "时间", lambda: express.approvals.send(push.id, "戊"))
    express.clock.pass_(hours=28)
    assert express.approvals.send(push.id, "戊").state is PushState.RUNNING


def test_unknown_pushes_and_notices_are_refused_in_words(express):
    with pytest.raises(ApprovalRefused, match="没有编号"):
        express.approvals.submit("nothing", "戊")
    with pytest.raises(ApprovalRefused, match="没有编号"):
        express.approvals.draft("nothing", ELDERS, "戊")
