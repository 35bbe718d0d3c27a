"""Archives: what was put in comes out, and nothing else does."""

import gzip
import io
import json
import os
import tarfile
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.operations import archive
from bot.operations.archive import FORMAT, MANIFEST, ArchiveRefused, Entry, Manifest

FACTS = Manifest("2026-11-21T09:00:00+08:00", "0.1.0", "sqlite", "0003", "", "")


def everything(_):
    return True


def archive_of(path, contents):
    """An archive as ``write`` makes it, of names and their bytes."""
    files = {}
    for number, (name, content) in enumerate(contents.items()):
        files[name] = path.with_name(f"source-{number}")
        files[name].write_bytes(content)
    manifest = replace(FACTS, files=archive.listed(files))
    archive.write(path, manifest, files)
    return path


def forged(path, members, manifest=None):
    """Any tar.gz: ``members`` are headers with their bytes, after a list of those that are files."""
    listed = manifest if manifest is not None else list_of(members)
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(header(MANIFEST, len(listed)), io.BytesIO(listed))
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return path


def header(name, size, type=tarfile.REGTYPE, link=""):
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, type, link
    return member


def list_of(members):
    import hashlib

    files = tuple(
        Entry(member.name, len(content), hashlib.sha256(content).hexdigest())
        for member, content in members
    )
    return json.dumps({"format": FORMAT, **asdict(replace(FACTS, files=files))}).encode()


def unpacked(path, into, allowed=everything):
    into.mkdir()
    with archive.opened(path, allowed) as reader:
        reader.unpack(into)
        return reader.manifest


def test_what_was_put_in_comes_out(tmp_path):
    contents = {
        "zwgk.db": os.urandom(300_000),
        "documents/faq-44/file/答疑　“一”：.part1.docx": b"",
        f"documents/{'长' * 80}/x": b"x" * 70_000,
    }
    path = archive_of(tmp_path / "a.tar.gz", contents)
    manifest = unpacked(path, tmp_path / "out")

    assert {name: (tmp_path / "out" / name).read_bytes() for name in contents} == contents
    assert manifest.size == sum(map(len, contents.values()))
    assert oct(path.stat().st_mode)[-3:] == "600"
    assert oct((tmp_path / "out" / "zwgk.db").stat().st_mode)[-3:] == "600"


def test_the_same_can_be_had_with_any_tar(tmp_path):
    path = archive_of(tmp_path / "a.tar.gz", {"documents/说明.txt": "官方".encode()})
    with tarfile.open(path) as tar:
        assert tar.extractfile("documents/说明.txt").read().decode() == "官方"


def test_progress_is_told_in_bytes(tmp_path):
    told = []
    path = archive_of(tmp_path / "a.tar.gz", {"a": b"1" * 100_000, "b": b"2" * 50})
    (tmp_path / "out").mkdir()
    with archive.opened(path, everything) as reader:
        reader.unpack(tmp_path / "out", lambda done, total: told.append((done, total)))
    assert told[-1] == (100_050, 100_050)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("cut", [0, 1, 10, 50, 90, 99])
def test_a_part_of_an_archive_is_refused(tmp_path, cut):
    whole = archive_of(tmp_path / "a.tar.gz", {"a": os.urandom(50_000)}).read_bytes()
    part = tmp_path / "part.tar.gz"
    part.write_bytes(whole[: len(whole) * cut // 100])
    with pytest.raises(ArchiveRefused, match=r"没有改动任何数据|不是 zwgk db backup"):
        unpacked(part, tmp_path / "out")


@given(st.data())
def test_a_changed_byte_is_found_or_changes_nothing(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("changed")
    contents = {"a": b"0123456789" * 300, "b/c": b"x"}
    whole = bytearray(archive_of(folder / "a.tar.gz", contents).read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    (folder / "changed.tar.gz").write_bytes(whole)
    try:
        unpacked(folder / "changed.tar.gz", folder / "out")
    except ArchiveRefused:
        return
    assert {name: (folder / "out" / name).read_bytes() for name in contents} == contents


@given(st.binary(max_size=2000), st.booleans())
def test_any_other_file_is_refused(tmp_path_factory, content, packed):
    folder = tmp_path_factory.mktemp("other")
    path = folder / "other.tar.gz"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(ArchiveRefused):
        unpacked(path, folder / "out")


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "a/../../evil", "a//b", "", ".", "a\\..\\evil", "a/.", "nul\0l"],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    path = forged(tmp_path / "a.tar.gz", [(header(name, 1), b"x")])
    with pytest.raises(ArchiveRefused, match="不该有的文件名"):
        unpacked(path, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())
    assert not (tmp_path / "evil").exists()


def test_a_name_that_is_not_ours_is_refused(tmp_path):
    path = archive_of(tmp_path / "a.tar.gz", {"authorized_keys": b"x"})
    with pytest.raises(ArchiveRefused, match="不该有的文件名"):
        unpacked(path, tmp_path / "out", allowed=lambda name: name == "zwgk.db")


@pytest.mark.parametrize(
    "type", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_links_and_devices_are_refused(tmp_path, type):
    members = [(header("a", 0, type, link="/etc/passwd"), b"")]
    with pytest.raises(ArchiveRefused, match="链接或特殊文件"):
        unpacked(forged(tmp_path / "a.tar.gz", members), tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_what_the_list_does_not_say_is_refused(tmp_path):
    a, b = (header("a", 1), b"x"), (header("b", 1), b"y")
    with pytest.raises(ArchiveRefused, match="与清单不符"):
        unpacked(forged(tmp_path / "1.tar.gz", [a], list_of([b])), tmp_path / "1")
    with pytest.raises(ArchiveRefused, match="清单上没有"):
        unpacked(forged(tmp_path / "2.tar.gz", [a, b], list_of([a])), tmp_path / "2")
    with pytest.raises(ArchiveRefused, match="与清单不符"):
        unpacked(forged(tmp_path / "3.tar.gz", [a], list_of([a, b])), tmp_path / "3")
    with pytest.raises(ArchiveRefused, match="与清单不符"):
        unpacked(
            forged(tmp_path / "4.tar.gz", [a], list_of([(header("a", 1), b"z")])), tmp_path / "4"
        )
    for number, bad in enumerate([[a, a], [a, (header("a/b", 1), b"y")]]):
        with pytest.raises(ArchiveRefused, match="不是 zwgk db backup"):
            unpacked(forged(tmp_path / f"b{number}", bad), tmp_path / f"c{number}")


def test_a_bomb_is_not_read(tmp_path):
    huge = header("a", 1)
    huge.pax_headers = {"comment": "0" * (8 << 20)}
    path = forged(tmp_path / "a.tar.gz", [(huge, b"x")])
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        listed = list_of([(huge, b"x")])
        tar.addfile(header(MANIFEST, len(listed)), io.BytesIO(listed))
        tar.addfile(huge, io.BytesIO(b"x"))
    with pytest.raises(ArchiveRefused):
        unpacked(path, tmp_path / "out")


@pytest.mark.parametrize(
    "listed",
    [b"", b"[]", b"{}", b'{"format": 1}', b'{"format": 1, "files": [{}]}', b"[" * 50_000, b"\xff"],
)
def test_another_list_is_refused(tmp_path, listed):
    path = forged(tmp_path / "a.tar.gz", [], listed)
    with pytest.raises(ArchiveRefused, match="不是"):
        unpacked(path, tmp_path / "out")


def test_an_archive_of_a_later_format_asks_for_a_newer_program(tmp_path):
    path = forged(tmp_path / "a.tar.gz", [], b'{"format": 2}')
    with pytest.raises(ArchiveRefused, match="升级程序"):
        unpacked(path, tmp_path / "out")


@pytest.mark.parametrize("after", [b"shorter", b"much longer than before", b"another"])
def test_a_file_that_changes_meanwhile_is_not_backed_up(tmp_path, after):
    source = tmp_path / "source"
    source.write_bytes(b"before!")
    files = {"a": source}
    manifest = replace(FACTS, files=archive.listed(files))
    source.write_bytes(after[:6] if after == b"shorter" else after)
    with pytest.raises(ArchiveRefused, match="备份时"):
        archive.write(tmp_path / "a.tar.gz", manifest, files)
    assert [one.name for one in tmp_path.iterdir()] == ["source"]
