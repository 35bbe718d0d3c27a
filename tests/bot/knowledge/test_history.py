"""What a publication changed, in documents, catalogues and answers."""

import pytest

from bot.knowledge.history import difference
from bot.knowledge.versions import UnknownVersion

AREA = "441204"
LOW = ("社会救助", "最低生活保障", "审批信息", "20个工作日")
LOW_NEWER = ("社会救助", "最低生活保障", "审批信息", "7个工作日")
CARE = ("养老服务", "老年补贴", "补贴名单", "每季度")
WORDS = "高要区政务公开答疑\n一、目录编制\n问：公开栏多久换一次？\n答：{}\n"


@pytest.fixture
def reader(service):
    return lambda name: service.versions.load(name, lambda _, reader: reader)


@pytest.fixture
def added(service, write_catalogue):
    """Imports a catalogue of these rows; returns the version it is published in."""
    service.ensure()
    return lambda *rows: service.add_catalogue(write_catalogue("a.csv", *rows), AREA).version


def test_what_came_and_what_reads_otherwise_is_told_by_sector(added, reader):
    first, second = added(LOW, CARE), added(LOW_NEWER)
    found = difference(reader(first), reader(second))
    assert [d.area for d in found.added] == [AREA]
    assert found.removed == ()
    (change,) = found.catalogues
    assert (change.area, change.sector) == (AREA, "社会救助")
    (item,) = change.comparison.changed
    assert (item.before.time_limit, item.after.time_limit) == ("20个工作日", "7个工作日")
    assert found.areas == {AREA}


def test_answers_that_came_and_that_read_otherwise_are_told(service, reader, tmp_path):
    service.ensure()
    names = []
    for answer in ("每月更换。", "每季度更换。"):
        path = tmp_path / "答疑.txt"
        path.write_text(WORDS.format(answer), "utf-8")
        names.append(service.add_words(path, "faq", area=AREA).version)
    base = service.versions.publications()[0].name
    came = difference(reader(base), reader(names[0]))
    assert came.questions == (("公开栏多久换一次？", "", "每月更换。"),)
    otherwise = difference(*map(reader, names))
    assert [one[1:] for one in otherwise.questions] == [("每月更换。", "每季度更换。")]
    assert not otherwise.same


def test_a_version_is_the_same_as_itself(added, reader):
    name = added(LOW)
    found = difference(reader(name), reader(name))
    assert found.same
    assert (found.catalogues, found.questions) == ((), ())


def test_a_step_back_goes_only_to_where_it_was_seen_to_go(service, added):
    first, second = added(LOW), added(LOW_NEWER)
    assert service.versions.one_before() == first
    with pytest.raises(UnknownVersion, match="刚刚有变化"):
        service.rollback(second)
    assert service.versions.current() == second
    assert service.rollback(first) == first
