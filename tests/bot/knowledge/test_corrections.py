"""Cells of an imported catalogue put right: what holds, what the file says, and what is the same document."""

import json
from dataclasses import replace

import pytest

from bot.knowledge import corrections
from bot.knowledge.library import Library
from catalogue_index.errors import Refused
from catalogue_index.model import Item, Place

AREA = "441204"
LOW = ("社会救助", "最低生活保障", "审批信息", "20个工作曰")
AID = ("社会救助", "临时救助", "救助公示", "即时公开")


def limits(service):
    """Item → time limit in force."""
    return {i.item: i.time_limit for items in service.catalogue_items(AREA).values() for i in items}


@pytest.fixture
def read(service, write_catalogue):
    """Reads one catalogue, corrected in a cell of a row where cells are given."""
    service.ensure()
    path = write_catalogue("a.csv", LOW, AID)

    def read(*made):
        return service.read_catalogue(path, AREA, corrections=made)

    return read


def correction(row, who="李经办", **cells):
    (made,) = corrections.of_row(row, cells, who, 1_700_000_000)
    return made


def test_a_corrected_row_is_imported_as_corrected_and_keeps_what_the_file_says(service, read):
    item = read().content.items[0]
    service.keep(read(correction(item, time_limit="20个工作日")))
    assert limits(service) == {"审批信息": "20个工作日", "救助公示": "即时公开"}
    held = next(i for i in service.catalogue_items(AREA)["社会救助"] if i.item == "审批信息")
    assert held.raw["time_limit"] == "20个工作曰"


def test_a_correction_stands_in_the_documents_record_and_survives_another_software(
    service, make_service, read
):
    item = read().content.items[0]
    made = correction(item, time_limit="20个工作日")
    service.keep(read(made))
    (name,) = service.documents.ids()
    assert service.documents.stored(name).corrections == (made,)
    newer = make_service(software="2")
    newer.ensure()
    assert limits(newer)["审批信息"] == "20个工作日"


def test_a_cell_can_be_emptied(service, read):
    item = read().content.items[0]
    service.keep(read(correction(item, time_limit=" ")))
    assert limits(service)["审批信息"] is None


def test_a_row_is_left_out_until_it_is_put_right_again(read):
    item = read().content.items[0]
    gone = corrections.leaving_out(item, "李经办", 1)
    assert [i.item for i in read(gone).content.items] == ["救助公示"]
    again = read(gone, correction(item, time_limit="甲")).content.items
    assert [i.time_limit for i in again] == ["甲", "即时公开"]
    assert len(read(gone, correction(item)).content.items) == 2


def test_leaving_every_row_out_leaves_nothing_to_import(read):
    rows = read().content.items
    with pytest.raises(Refused, match="没有读出事项"):
        read(*(corrections.leaving_out(row, "李经办", 1) for row in rows))


def test_the_later_correction_of_a_cell_holds(read):
    item = read().content.items[0]
    first, second = (correction(item, time_limit=text) for text in ("一", "二"))
    assert read(first, second).content.items[0].time_limit == "二"


def test_other_corrections_make_another_document_and_the_same_ones_the_same(read):
    item = read().content.items[0]
    made = correction(item, time_limit="20个工作日")
    confirmed = correction(item)
    ids = {
        name: read(*several).deposit.document.id
        for name, several in {
            "none": (),
            "confirmed": (confirmed,),
            "made": (made,),
            "made by another": (replace(made, who="别人", at=5),),
            "left out": (made, corrections.leaving_out(item, "李经办", 1)),
            "otherwise": (replace(made, after="7个工作日"),),
        }.items()
    }
    assert ids["none"] == ids["confirmed"]
    assert ids["made"] == ids["made by another"]
    assert len(set(ids.values())) == 4


def test_a_row_in_which_nothing_was_typed_is_confirmed(read):
    item = read().content.items[0]
    same = {"time_limit": f" {item.time_limit}\r\n", "item": item.item}
    assert correction(item, **same).attribute == corrections.WHOLE_ROW


def test_the_raw_cell_is_the_files_not_what_was_read_from_it():
    item = Item("甲", "乙", "丙", time_limit="读出", place=Place(3), raw={"time_limit": "原样"})
    assert correction(item, time_limit="改成").raw == "原样"


@pytest.mark.parametrize(
    ("text", "said"), [("电话13812345678", "疑似"), ("长" * 20_001, "太长")], ids=["phone", "long"]
)
def test_personal_data_and_endless_texts_are_refused(text, said):
    item = Item("甲", "乙", "丙", place=Place(3))
    with pytest.raises(Refused, match=said) as refused:
        corrections.of_row(item, {"content": text}, "李经办", 1)
    assert "13812345678" not in str(refused.value)


def test_a_description_without_corrections_is_read_as_before(service, read):
    service.keep(read())
    (name,) = service.documents.ids()
    path = service.documents.directory / name / "document.json"
    said = json.loads(path.read_text())
    del said["corrections"], said["handling"]
    path.write_text(json.dumps(said))
    assert service.documents.stored(name).corrections == ()


def test_a_preview_sees_the_candidate_and_changes_nothing(service, read, tmp_path):
    before = Library(service.versions).current().version
    scratch = tmp_path / "candidate"
    seen = service.preview(
        read(), scratch, lambda old, new: (len(old.documents), len(new.documents))
    )
    assert seen == (1, 2)
    assert Library(service.versions).current().version == before
    assert not scratch.exists()
    assert service.documents.ids() == []
    assert service.versions.names() == [before]


def test_a_preview_leaves_nothing_when_looking_fails(service, read, tmp_path):
    def fail(*_):
        raise Refused("不行")

    with pytest.raises(Refused, match="不行"):
        service.preview(read(), tmp_path / "candidate", fail)
    assert not (tmp_path / "candidate").exists()
