"""Documents on their way in: kept whole or not at all, put right, examined, and published by somebody else."""

import io
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.knowledge.examination import Changed, Examination
from bot.knowledge.proposals import ProposalRefused, Proposals, State, safe_name
from bot.knowledge.service import Worse, WouldBeWorse
from catalogue_index.areas import national_areas
from catalogue_index.errors import Refused, UnreadableFile

AREA = "441204"
LOW = ("社会救助", "最低生活保障", "审批信息", "20个工作曰")
AID = ("社会救助", "临时救助", "救助公示", "即时公开")
QUIET = str


@pytest.fixture
def worse():
    """What publishing makes worse; tests add to it."""
    return []


@pytest.fixture
def office(make_service, clock, worse):
    """A knowledge service with a version in force."""
    service = make_service(examine=lambda *_: tuple(worse))
    service.ensure()
    return service


@pytest.fixture
def proposals_of(clock, worse):
    """Makes the proposals of a service, as another process would."""

    def make(service):
        def look(in_force, candidate, area):
            changed = Changed("低保", in_force.version, f"{area} {len(candidate.documents)}")
            return Examination(2, tuple(worse), (changed,))

        root = service.versions.directory.parent / "proposals"
        return Proposals(root, service, national_areas(), clock, look)

    return make


@pytest.fixture
def proposals(office, proposals_of):
    return proposals_of(office)


@pytest.fixture
def table(write_catalogue):
    """The bytes of a catalogue."""
    return lambda *rows: write_catalogue("t.csv", *(rows or (LOW, AID))).read_bytes()


@pytest.fixture
def add(proposals, table):
    def add(name="目录.csv", data=None, who="李经办", kind="catalogue", **more):
        data = io.BytesIO(table() if data is None else data)
        return proposals.add(who, name, data, kind=kind, area="高要区", **more)

    return add


@pytest.fixture
def submitted(proposals, add):
    one = add()
    return proposals.submit(one.id, one.revision)


def limits(service):
    return {i.item: i.time_limit for items in service.catalogue_items(AREA).values() for i in items}


def publish(proposals, one, who="赵审核", accept=False):
    return proposals.publish(one.id, who, one.revision, accept_worse=accept, step=QUIET)


def correct(proposals, one, known=0, who="李经办", row=2, **cells):
    return proposals.correct(one.id, who, "", row, cells, known)


# --- keeping ---


def test_a_file_is_kept_as_it_came_and_nothing_is_published(proposals, office, add, table):
    one = add()
    assert (one.area, one.area_name, one.state) == (AREA, "高要区", State.DRAFT)
    assert proposals.file(one).read_bytes() == table()
    assert proposals.all() == [one]
    assert limits(office) == {}
    assert [i.item for i in proposals.reading(one).content.items] == ["审批信息", "救助公示"]


def test_the_same_file_is_not_taken_twice_by_whoever(proposals, add):
    one = add()
    with pytest.raises(ProposalRefused, match="“李经办”已经上传过"):
        add(name="换个名字.csv", who="周经办")
    assert proposals.all() == [one]
    assert add(sector="养老服务") in proposals.all()


def test_an_empty_file_leaves_nothing(proposals, add, office):
    with pytest.raises(UnreadableFile):
        add(data=b"")
    assert proposals.all() == []


def test_an_unreadable_file_can_be_thrown_away_and_not_submitted(proposals, add):
    one = add(name="扫描.pdf", data=b"%PDF-1.4 nothing")
    with pytest.raises(Refused):
        proposals.submit(one.id, one.revision)
    proposals.remove(one.id)
    assert proposals.all() == []
    with pytest.raises(ProposalRefused, match="没有这份上传的文件"):
        proposals.find(one.id)


@pytest.mark.parametrize("id", ["", "..", "../documents", "20240301000000-zzzzzzzz"])
def test_no_other_folder_is_ever_named(proposals, id):
    with pytest.raises(ProposalRefused):
        proposals.find(id)


def test_what_a_killed_process_left_is_cleared_and_never_listed(proposals, add, office):
    root = office.versions.directory.parent / "proposals"
    (root / ".20240301000000-00000000.part").mkdir(parents=True)
    assert proposals.all() == []
    add()
    assert [path.name for path in root.glob(".*")] == []


def test_a_damaged_proposal_hides_no_other(proposals, add, office):
    one = add()
    other = add(sector="养老服务")
    root = office.versions.directory.parent / "proposals"
    (root / one.id / "proposal.json").write_text("{", "utf-8")
    assert proposals.all() == [other]


@given(st.text(max_size=300))
def test_a_safe_name_is_one_plain_name_that_keeps_its_ending(name):
    safe = safe_name(name)
    assert safe == Path(safe).name
    assert not safe.startswith(".")
    assert safe.isprintable()
    assert len(safe.encode()) <= 160
    assert safe_name(safe) == safe


def test_hostile_names_are_made_plain():
    assert safe_name("../../etc/passwd") == "passwd"
    assert safe_name("C:\\资料\\目录.xlsx") == "目录.xlsx"
    assert safe_name("a\u202excod.exe\0") == "axcod.exe"
    assert safe_name("…" * 300 + ".xlsx").endswith("….xlsx")
    assert safe_name("/") == "上传的文件"


# --- putting right ---


def test_corrections_are_kept_with_who_and_when_and_shown_in_the_content(proposals, add):
    one = correct(proposals, add(), time_limit="20个工作日")
    (made,) = one.corrections
    assert (made.who, made.row, made.attribute) == ("李经办", 2, "time_limit")
    assert (made.raw, made.before, made.after) == ("20个工作曰", "20个工作曰", "20个工作日")
    assert proposals.reading(one).content.items[0].time_limit == "20个工作日"
    assert one.revision == 2


def test_two_people_at_one_row_lose_nothing(proposals, add):
    one = add()
    correct(proposals, one, time_limit="甲")
    with pytest.raises(ProposalRefused, match="第 2 行刚被“李经办”改过"):
        correct(proposals, one, who="周经办", time_limit="乙")
    after = correct(proposals, one, who="周经办", known=1, time_limit="乙")
    assert [made.after for made in after.corrections] == ["甲", "乙"]
    assert correct(proposals, one, row=3, time_limit="丙").revision == 4


def test_many_at_once_on_different_rows_are_all_kept(proposals, add, table):
    rows = [("社会救助", "临时救助", f"事项{n}", "即时") for n in range(8)]
    one = add(data=table(*rows))
    threads = [
        threading.Thread(
            target=correct, args=(proposals, one), kwargs={"row": n + 2, "basis": "新"}
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = proposals.find(one.id)
    assert sorted(made.row for made in after.corrections) == list(range(2, 10))
    assert after.revision == 9


def test_a_row_is_left_out_and_taken_in_again(proposals, add):
    one = proposals.leave_out(add().id, "李经办", "", 2, 0)
    assert [i.item for i in proposals.reading(one).content.items] == ["救助公示"]
    one = correct(proposals, one, known=1, time_limit="甲")
    assert [i.time_limit for i in proposals.reading(one).content.items] == ["甲", "即时公开"]


def test_a_row_that_is_not_there_cannot_be_put_right(proposals, add):
    with pytest.raises(ProposalRefused, match="没有找到这一行"):
        correct(proposals, add(), row=99, time_limit="甲")


# --- submitting, sending back ---


def test_what_is_submitted_stays_as_it_is(proposals, submitted):
    with pytest.raises(ProposalRefused, match="已经送审"):
        correct(proposals, submitted, time_limit="甲")
    with pytest.raises(ProposalRefused, match="已经送审"):
        proposals.submit(submitted.id, submitted.revision)


def test_what_changed_meanwhile_is_not_submitted_unseen(proposals, add):
    one = add()
    correct(proposals, one, time_limit="甲")
    with pytest.raises(ProposalRefused, match="又有改动"):
        proposals.submit(one.id, one.revision)


def test_it_is_sent_back_with_a_note_and_submitted_again(proposals, submitted):
    with pytest.raises(ProposalRefused, match="写明为什么"):
        proposals.give_back(submitted.id, "赵审核", "  ")
    back = proposals.give_back(submitted.id, "赵审核", "第2行时限不对")
    assert (back.state, back.note, back.reviewer) == (State.RETURNED, "第2行时限不对", "赵审核")
    with pytest.raises(ProposalRefused, match="没有在等待审核"):
        proposals.give_back(submitted.id, "赵审核", "再退")
    one = correct(proposals, back, time_limit="20个工作日")
    again = proposals.submit(one.id, one.revision)
    assert (again.state, again.note) == (State.WAITING, "")


# --- publishing ---


def test_another_person_publishes_it_with_its_corrections_and_record(proposals, office, add):
    one = correct(proposals, add(), time_limit="20个工作日")
    one = proposals.submit(one.id, one.revision)
    document, published = publish(proposals, one)
    assert limits(office) == {"审批信息": "20个工作日", "救助公示": "即时公开"}
    assert published.version == office.versions.current()
    stored = office.documents.stored(document)
    assert stored.corrections == one.corrections
    assert (stored.handling.proposer, stored.handling.reviewer) == ("李经办", "赵审核")
    assert proposals.all() == []
    assert proposals.document(one.id) == document


@pytest.mark.parametrize("who", ["李经办", "周经办"])
def test_nobody_publishes_what_they_had_a_part_in(proposals, office, add, who):
    one = correct(proposals, add(), who="周经办", time_limit="甲")
    one = proposals.submit(one.id, one.revision)
    with pytest.raises(ProposalRefused, match="先审后发"):
        publish(proposals, one, who=who)
    assert limits(office) == {}


def test_what_was_not_submitted_or_not_seen_is_not_published(proposals, submitted, add, office):
    draft = add(sector="养老服务")
    with pytest.raises(ProposalRefused, match="还没有送审"):
        publish(proposals, draft)
    proposals.give_back(submitted.id, "赵审核", "改")
    one = correct(proposals, submitted, time_limit="甲")
    proposals.submit(one.id, one.revision)
    with pytest.raises(ProposalRefused, match="又有改动"):
        publish(proposals, submitted)
    assert limits(office) == {}


def test_it_is_published_once(proposals, submitted):
    publish(proposals, submitted)
    with pytest.raises(ProposalRefused, match="可能已经发布"):
        publish(proposals, submitted)


def test_two_who_publish_at_once_publish_one_version(proposals, office, submitted, proposals_of):
    outcomes = []

    def run(who):
        try:
            outcomes.append(publish(proposals_of(office), submitted, who)[0])
        except ProposalRefused as refused:
            outcomes.append(str(refused))

    threads = [threading.Thread(target=run, args=(who,)) for who in ("赵审核", "钱终审")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(text.startswith("catalogue-") for text in outcomes) == [False, True]
    assert len(office.documents.ids()) == 1
    assert len(office.documents.stored(office.documents.ids()[0]).imported) == 1


def test_a_crash_after_publishing_only_leaves_it_to_be_taken_away(proposals, office, submitted):
    folder = proposals.file(submitted).parents[1]
    kept = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    document, published = publish(proposals, submitted)
    for name, data in kept.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    again = publish(proposals, submitted)
    assert (again[0], again[1].version) == (document, published.version)
    assert len(office.documents.stored(document).imported) == 1
    assert proposals.all() == []


def test_a_publication_that_fails_leaves_the_proposal_as_it_was(
    proposals, office, submitted, worse
):
    worse.append(Worse("低保", "对", "错"))
    with pytest.raises(WouldBeWorse):
        publish(proposals, submitted)
    assert proposals.all() == [submitted]
    assert limits(office) == {}
    assert office.documents.ids() == []


# --- examining ---


def test_an_examination_is_remembered_and_is_of_one_version_and_revision(
    proposals, proposals_of, office, add, table
):
    one = add()
    assert proposals.examined(one) is None
    base = office.versions.current()
    found = proposals.examine(one.id, QUIET)
    assert found.found.changed == (Changed("低保", base, f"{AREA} 2"),)
    assert proposals_of(office).examined(one) == found
    assert proposals.is_current(one, found)
    changed = correct(proposals, one, time_limit="甲")
    assert not proposals.is_current(changed, found)
    other = add(sector="养老服务")
    other = proposals.submit(other.id, other.revision)
    seen = proposals.examine(other.id, QUIET)
    publish(proposals, other)
    assert not proposals.is_current(other, seen)


def test_only_what_was_seen_to_get_worse_can_be_accepted(proposals, office, submitted, worse):
    worse.append(Worse("低保", "对", "错"))
    with pytest.raises(ProposalRefused, match="重新核对"):
        publish(proposals, submitted, accept=True)
    assert proposals.examine(submitted.id, QUIET).found.worse == tuple(worse)
    _, published = publish(proposals, submitted, accept=True)
    assert published.worse == tuple(worse)
    assert limits(office)


def test_words_are_proposed_too(proposals, office, add):
    text = "石柱土家族自治县政务公开答疑\n一、目录编制\n问：多久换？\n答：每月。\n"
    one = add("答疑.txt", text.encode(), kind="faq", title="本区答疑")
    assert [e.answer for e in proposals.reading(one).content.entries] == ["每月。"]
    one = proposals.submit(one.id, one.revision)
    document, _ = publish(proposals, one)
    assert office.documents.stored(document).document.title == "本区答疑"


# --- whatever people do ---

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["correct", "submit", "give_back", "publish", "remove"]),
        st.sampled_from(["甲", "乙", "丙"]),
    ),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deeds=DEEDS)
def test_nothing_comes_into_force_but_through_two_people(proposals, office, table, deeds):
    """However people act, what was published was submitted, and by nobody who had a part in it."""
    for one in proposals.all():
        proposals.remove(one.id)
    data = table() + b"\n"
    one = proposals.add("甲", "目录.csv", io.BytesIO(data), kind="catalogue", area=AREA)
    before = office.versions.current()
    hands, state = {"甲"}, State.DRAFT
    for deed, who in deeds:
        now = proposals.find(one.id) if proposals.all() else one
        known = len([c for c in now.corrections if c.row == 2])
        try:
            if deed == "correct":
                correct(proposals, now, known, who, time_limit=f"{who}{known}")
                hands.add(who)
                assert state is not State.WAITING
            elif deed == "submit":
                state = proposals.submit(now.id, now.revision).state
            elif deed == "give_back":
                assert proposals.give_back(now.id, who, "改").state is State.RETURNED
                assert state is State.WAITING
                state = State.RETURNED
            elif deed == "publish":
                publish(proposals, now, who)
                assert state is State.WAITING
                assert who not in hands
                break
            else:
                proposals.remove(now.id)
                assert office.versions.current() == before
                break
        except ProposalRefused:
            continue
    else:
        assert office.versions.current() == before
        assert proposals.find(one.id).state is state
