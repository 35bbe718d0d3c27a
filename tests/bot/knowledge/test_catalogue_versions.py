"""The versions of one sector's catalogue: listed, gone back to and forward again, everything else left alone."""

import json
import shutil
from datetime import datetime, timedelta

import pytest

from bot.clock import CHINA
from bot.knowledge.model import Content
from bot.knowledge.office import in_force
from bot.knowledge.service import Worse, WouldBeWorse
from bot.knowledge.versions import UnknownVersion
from catalogue_index.errors import Refused, UnreadableFile
from catalogue_index.model import Document, Item

AREA = "140525"
SECTOR = "社会救助"
CARE = ("养老服务", "老年补贴", "补贴名单", "每季度")


def low(limit):
    return (SECTOR, "最低生活保障", "审批信息", limit)


@pytest.fixture
def clock(clock_from):
    """The day after the imports."""
    return clock_from(2)


@pytest.fixture(scope="module")
def imported(tmp_path_factory, service_of, clock_from, write_rows):
    """A folder with three imports of one sector, the first with another sector beside it, and their ids, oldest first."""
    folder = tmp_path_factory.mktemp("imported")
    service = service_of(folder / "data", clock_from(1))
    service.ensure()
    paths = [
        write_rows(folder / f"{n}.csv", *rows)
        for n, rows in enumerate([(low("一"), CARE), (low("二"),), (low("三"),)])
    ]
    return folder, [service.add_catalogue(path, AREA).content.document.id for path in paths]


@pytest.fixture
def history(imported, tmp_path):
    """The same in the test's own folder; the ids."""
    folder, ids = imported
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return list(ids)


def limits(service, sector=SECTOR):
    """The time limits of a sector's items in force."""
    return [item.time_limit for item in service.catalogue_items(AREA).get(sector, [])]


def on_disk(service):
    """Everything in the data directory, as it is."""
    root = service.versions.directory.parent
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def states(service):
    return [
        (version.document.id, version.in_force)
        for version in service.catalogue_versions(AREA, SECTOR)
    ]


def test_every_import_is_a_version_of_each_of_its_sectors(service, history):
    first, second, third = history
    assert states(service) == [(first, False), (second, False), (third, True)]
    (care,) = service.catalogue_versions(AREA, "养老服务")
    assert (care.document.id, care.in_force, len(care.items)) == (first, True, 1)
    assert len(service.catalogue_versions()) == 4
    assert service.catalogue_versions("441204") == []


def test_versions_are_found_by_any_name_of_the_sector(service, write_catalogue):
    service.add_catalogue(write_catalogue("a.csv", ("环境保护", "执法", "处罚", "即时")), AREA)
    (version,) = service.catalogue_versions(AREA, "环境保护")
    assert version.sector == "生态环境"


def test_back_twice_and_forward_again(service, history):
    newest = service.versions.current()
    for expected in ("二", "一"):
        service.rollback_catalogue(AREA, SECTOR)
        assert limits(service) == [expected]
    before = on_disk(service)
    with pytest.raises(Refused, match="没有更早的版本"):
        service.rollback_catalogue(AREA, SECTOR)
    assert on_disk(service) == before
    chosen, published = service.rollback_catalogue(AREA, SECTOR, to=history[-1])
    assert (chosen.document.id, limits(service)) == (history[-1], ["三"])
    assert published.version == newest, "the same documents are the same version"
    assert len(service.documents.ids()) == 3


def test_the_other_sectors_of_a_document_stay_as_they_are(service, write_catalogue):
    """The newer one keeps what is not gone back from, the older one gets one sector only."""
    service.add_catalogue(write_catalogue("a.csv", low("旧"), CARE), AREA)
    newer = (*CARE[:3], "每月")
    service.add_catalogue(write_catalogue("b.csv", low("新"), newer), AREA)
    service.rollback_catalogue(AREA, SECTOR)
    assert (limits(service), limits(service, "养老服务")) == (["旧"], ["每月"])
    service.rollback_catalogue(AREA, "养老服务")
    assert (limits(service), limits(service, "养老服务")) == (["旧"], ["每季度"])


def test_other_imports_keep_what_was_gone_back_to(service, history, write_catalogue):
    service.rollback_catalogue(AREA, SECTOR)
    service.add_catalogue(write_catalogue("care.csv", (*CARE[:3], "每月")), AREA)
    service.add_catalogue(write_catalogue("other.csv", low("别处")), "441204")
    assert limits(service) == ["二"]
    service.add_catalogue(write_catalogue("new.csv", low("四")), AREA)
    assert limits(service) == ["四"]
    service.rollback_catalogue(AREA, SECTOR)
    assert limits(service) == ["三"], "the version imported before, not the one gone back to before"


def test_a_choice_outlasts_a_new_software(service, make_service, history):
    service.rollback_catalogue(AREA, SECTOR)
    newer = make_service(software="2")
    newer.ensure()
    assert limits(newer) == ["二"]


def test_going_back_with_all_knowledge_undoes_the_choice(service, history):
    service.rollback_catalogue(AREA, SECTOR)
    service.rollback()
    assert limits(service) == ["三"]


def test_a_file_that_comes_again_is_the_newest_version(service, history, tmp_path):
    first, second, third = history
    service.add_catalogue(tmp_path / "0.csv", AREA)
    assert states(service) == [(second, False), (third, False), (first, True)]
    service.rollback_catalogue(AREA, SECTOR)
    assert limits(service) == ["三"]
    assert limits(service, "养老服务") == ["每季度"]


@pytest.mark.parametrize(
    ("area", "sector", "to", "sentence"),
    [
        ("441204", SECTOR, "", "没有导入过"),
        (AREA, "税收管理", "", "没有导入过"),
        (AREA, "", "", "没有导入过"),
        (AREA, "养老服务", "", "没有更早的版本"),
        (AREA, SECTOR, "catalogue-140525-00000000", "没有编号为"),
    ],
)
def test_what_cannot_be_gone_back_to_is_refused(service, history, area, sector, to, sentence):
    before = on_disk(service)
    with pytest.raises(Refused, match=sentence):
        service.rollback_catalogue(area, sector, to=to)
    assert on_disk(service) == before


def test_the_version_in_force_is_not_gone_back_to(service, history):
    with pytest.raises(Refused, match="现在生效的版本"):
        service.rollback_catalogue(AREA, SECTOR, to=history[-1])


def test_where_none_is_in_force_the_version_must_be_named(service, write_catalogue):
    service.ensure()
    imported = service.add_catalogue(write_catalogue("a.csv", low("一")), AREA)
    service.rollback()
    with pytest.raises(Refused, match="--to"):
        service.rollback_catalogue(AREA, SECTOR)
    service.rollback_catalogue(AREA, SECTOR, to=imported.content.document.id)
    assert limits(service) == ["一"]


def test_going_back_is_examined_and_leaves_nothing_when_refused(service, make_service, history):
    def examine(in_force, candidate):
        return [Worse("问", "对", "错")]

    strict = make_service(examine=examine)
    service.rollback_catalogue(AREA, SECTOR, to=history[0])
    before = on_disk(service)
    for to in ("catalogue", ""):
        with pytest.raises(Refused):
            strict.rollback_catalogue(AREA, SECTOR, to=to)
    with pytest.raises(WouldBeWorse):
        strict.rollback_catalogue(AREA, SECTOR, to=history[1])
    assert on_disk(service) == before
    _, published = strict.rollback_catalogue(AREA, SECTOR, to=history[1], accept_worse=True)
    assert len(published.worse) == 1
    assert limits(service) == ["二"]


def test_a_refused_import_of_a_known_file_leaves_its_moment_alone(
    service, make_service, history, tmp_path
):
    strict = make_service(examine=lambda _, __: [Worse("问", "对", "错")])
    before = on_disk(service)
    with pytest.raises(WouldBeWorse):
        strict.add_catalogue(tmp_path / "0.csv", AREA)
    assert on_disk(service) == before


def test_what_was_in_force_at_a_moment(service, history, clock):
    after = clock()
    service.rollback_catalogue(AREA, SECTOR)
    now = service.catalogue_items(AREA)
    assert [item.time_limit for item in now[SECTOR]] == ["二"]
    then = service.catalogue_items(AREA, after)
    assert [item.time_limit for item in then[SECTOR]] == ["三"]
    assert set(then) == {SECTOR, "养老服务"}
    assert service.catalogue_items(AREA, datetime(2000, 1, 1, tzinfo=CHINA)) == {}


def test_a_past_version_that_is_gone_or_damaged_is_named(service, history, clock):
    name, after = service.versions.current(), clock()
    service.rollback_catalogue(AREA, SECTOR)
    service.versions.path(name).write_bytes(b"damaged")
    with pytest.raises(UnreadableFile):
        service.catalogue_items(AREA, after)
    service.versions.path(name).unlink()
    with pytest.raises(UnknownVersion, match=name):
        service.catalogue_items(AREA, after)


def test_a_document_described_before_moments_were_noted_counts_from_its_version(service, history):
    path = service.documents.directory / history[0] / "document.json"
    said = json.loads(path.read_text("utf-8"))
    said.pop("imported")
    path.write_text(json.dumps(said), "utf-8")
    assert [version for version, _ in states(service)] == history


# --- in_force ---


def catalogue(name, *sectors):
    items = tuple(Item(sector, "类", f"{name}{sector}") for sector in sectors)
    return Content(Document(name, name, "catalogue", AREA, "泽州县"), items=items)


def held(contents):
    return {
        (content.document.id, item.sector)
        for content in contents
        for _, item in content.items_in_force()
    }


def test_the_newest_holds_where_no_holder_is_named_or_the_named_is_not_there():
    old, new = catalogue("old", "甲", "乙"), catalogue("new", "甲")
    expected = {("old", "乙"), ("new", "甲")}
    assert held(in_force([old, new])) == expected
    assert held(in_force([old, new], {(AREA, "甲"): "gone"})) == expected
    assert held(in_force([old, new], {("441204", "甲"): "old"})) == expected


def test_a_holder_holds_whatever_its_age_and_only_what_it_has():
    old, new = catalogue("old", "甲", "乙"), catalogue("new", "甲", "丙")
    holders = {(AREA, "甲"): "old", (AREA, "丙"): "old"}
    assert held(in_force([old, new], holders)) == {("old", "甲"), ("old", "乙"), ("new", "丙")}


def test_a_catalogue_of_which_nothing_holds_is_left_out():
    old, new = catalogue("old", "甲"), catalogue("new", "甲")
    assert [c.document.id for c in in_force([old, new], {(AREA, "甲"): "old"})] == ["old"]


def test_moments_of_days_apart_are_told_apart(service, write_catalogue, make_service):
    """``--since`` a day compares with what was in force as that day began."""
    days = iter(datetime(2024, 3, 1, 12, tzinfo=CHINA) + timedelta(n) for n in range(99))
    service = make_service(clock=lambda: next(days))
    service.ensure()
    service.add_catalogue(write_catalogue("a.csv", low("一")), AREA)
    service.add_catalogue(write_catalogue("b.csv", low("二")), AREA)
    found = [
        [i.time_limit for i in service.catalogue_items(AREA, day).get(SECTOR, [])]
        for day in (datetime(2024, 3, 1, tzinfo=CHINA) + timedelta(n) for n in range(10))
    ]
    assert [] in found
    assert ["一"] in found
    assert found[-1] == ["二"]
    assert sorted(found) == found
