"""Publishing and going back: what is in force is always a sound file, whatever happens."""

import os
import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.clock import CHINA
from bot.knowledge.versions import UnknownVersion, Versions
from catalogue_index.errors import Refused, UnreadableFile
from catalogue_index.snapshot import SnapshotReader


@pytest.fixture
def versions(tmp_path):
    return Versions(tmp_path / "knowledge")


def listing(versions):
    return {path.name: path.read_bytes() for path in versions.directory.iterdir()}


def number_in_force(versions):
    return SnapshotReader(versions.path(versions.current())).meta["number"]


def test_before_the_first_publication_there_is_nothing(versions):
    assert (versions.current(), versions.names(), versions.all()) == (None, [], [])
    with pytest.raises(UnknownVersion, match="没有可以退回"):
        versions.rollback()
    with pytest.raises(UnreadableFile, match="请运行 zwgk knowledge build"):
        versions.load_newest_sound(lambda name, _: name)


def test_publish_and_roll_back(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    assert versions.current() is None, "a candidate is not in force"
    versions.publish(one)
    versions.publish(two)
    assert versions.current() == two
    assert versions.rollback() == one == versions.current()
    with pytest.raises(UnknownVersion):
        versions.rollback()
    assert versions.current() == one
    assert versions.path(two).exists(), "a version once built stays for publishing again"


def test_publishing_twice_is_once(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    for name in (one, two, two):
        versions.publish(name)
    assert versions.rollback() == one


def test_all_lists_the_newest_first_and_says_what_is_damaged(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    versions.publish(one)
    os.utime(versions.path(one), ns=(1, 1))
    versions.path(two).write_bytes(b"damaged")
    newest, oldest = versions.all()
    assert (newest.name, newest.current, newest.documents) == (two, False, "已损坏")
    assert (oldest.name, oldest.current, oldest.size) == (
        one,
        True,
        versions.path(one).stat().st_size,
    )


@pytest.mark.parametrize(
    "name", ["", "20240301-000000000000", "../current", "20240301-00000000000g", "a/b", "current\n"]
)
def test_an_unknown_or_malformed_name_changes_nothing(versions, make_version, name):
    versions.publish(make_version(versions, 1))
    before = listing(versions)
    with pytest.raises(UnknownVersion, match="没有版本"):
        versions.publish(name)
    assert listing(versions) == before


def test_a_damaged_candidate_is_refused_and_nothing_changes(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    versions.publish(one)
    data = versions.path(two).read_bytes()
    for damaged in (b"", data[: len(data) // 2], random.Random(1).randbytes(5000)):
        versions.path(two).write_bytes(damaged)
        before = listing(versions)
        with pytest.raises(UnreadableFile, match="已损坏"):
            versions.publish(two)
        assert listing(versions) == before


def test_going_back_passes_over_damaged_and_missing_versions(versions, make_version):
    names = [make_version(versions, n) for n in range(4)]
    for name in names:
        versions.publish(name)
    versions.path(names[2]).write_bytes(b"damaged")
    versions.path(names[1]).unlink()
    assert versions.rollback() == names[0]


def test_a_replacement_cut_short_leaves_the_old_and_is_cleared(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    versions.publish(one)
    left = [
        versions.directory / name for name in ("current.part", "x.sqlite.part", "x.part-journal")
    ]
    for path in left:
        path.write_bytes(two[:10].encode())
    assert versions.current() == one
    assert two in versions.names()
    versions.publish(two)
    assert versions.current() == two
    assert not any(path.exists() for path in left)


@pytest.mark.parametrize("pointer", [b"", b"\xff\xfe", b"nonsense\n", b"20240301-00000000000"])
def test_a_damaged_pointer_is_no_version(versions, make_version, pointer):
    one = make_version(versions, 1)
    versions.publish(one)
    (versions.directory / "current").write_bytes(pointer)
    assert versions.current() is None
    versions.publish(one)
    assert versions.current() == one


def test_the_stamp_changes_with_the_version_and_with_its_file(versions, make_version):
    stamps = [versions.stamp()]
    names = [make_version(versions, n) for n in (1, 2)]
    assert versions.stamp() == stamps[0]
    for change in (
        lambda: versions.publish(names[0]),
        lambda: versions.publish(names[1]),
        lambda: versions.path(names[1]).write_bytes(b"damaged"),
        lambda: versions.path(names[1]).unlink(),
        versions.rollback,
    ):
        change()
        stamps.append(versions.stamp())
    assert all(before != after for before, after in pairwise(stamps))
    assert versions.stamp() == stamps[-1]


def test_a_damaged_version_in_force_gives_way_to_the_one_before_it(versions, make_version):
    one, two, candidate = (make_version(versions, n) for n in (1, 2, 3))
    versions.publish(one)
    versions.publish(two)
    assert versions.load_newest_sound(lambda name, _: name) == (two, "")
    versions.path(two).write_bytes(b"damaged")
    loaded, trouble = versions.load_newest_sound(lambda name, _: name)
    assert loaded == one != candidate, "what was never published is not put in force"
    assert trouble.endswith("已改用较早的版本。")
    assert two in trouble


def test_contents_that_make_no_sense_are_damage_too(versions, make_version):
    versions.publish(make_version(versions, 1))
    for error in (KeyError("x"), ValueError("x"), TypeError("x")):

        def make(name, reader, error=error):
            raise error

        with pytest.raises(UnreadableFile, match="内容不完整"):
            versions.load(versions.current(), make)


def test_where_nothing_can_be_written_it_is_refused_in_chinese(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(Refused, match="写不进去（路径中有一段是文件而不是文件夹）"):
        Versions(tmp_path / "data" / "knowledge").rollback()


def test_a_full_publication_list_forgets_the_oldest(versions, make_version):
    names = [make_version(versions, n) for n in (1, 2)]
    pointer = versions.directory / "current"
    pointer.write_text(f"{names[0]}\n{names[1]}\n" * 500)
    versions.publish(names[0])
    versions.publish(names[1])
    assert len(pointer.read_text().splitlines()) == 1000
    assert versions.current() == names[1]


def test_what_was_in_force_at_a_moment_is_remembered_through_steps_back(versions, make_version):
    one, two = make_version(versions, 1), make_version(versions, 2)
    first, second, third = (datetime(2024, 3, day, 9, tzinfo=CHINA) for day in (1, 2, 3))
    versions.publish(one, first)
    versions.publish(two, second)
    assert versions.rollback(third) == one
    moments = [first - timedelta(1), first, second - timedelta(0, 1), second, third]
    assert [versions.in_force_at(at) for at in moments] == [None, one, one, two, one]
    versions.publish(two, third + timedelta(1))
    assert versions.rollback() == one, "what was left behind is not gone through twice"


def test_publications_without_a_moment_came_before_those_with_one(versions, make_version):
    """So lists made before moments were noted still serve."""
    one, two = make_version(versions, 1), make_version(versions, 2)
    (versions.directory / "current").write_text(f"{one}\n")
    versions.publish(two, datetime(2024, 3, 2, tzinfo=CHINA))
    assert versions.in_force_at(datetime(2024, 3, 1, tzinfo=CHINA)) == one
    assert versions.in_force_at(datetime(2024, 3, 3, tzinfo=CHINA)) == two


class Publishing(RuleBasedStateMachine):
    """Against a plain list of publications. The files are set by the test below."""

    files: dict[str, bytes]
    folder = None

    @initialize()
    def start(self):
        number = len(list(self.folder.iterdir()))
        self.versions = Versions(self.folder / str(number))
        self.versions.directory.mkdir()
        for name, data in self.files.items():
            self.versions.path(name).write_bytes(data)
        self.model = []
        self.damaged = set()

    @rule(choice=st.integers(0, 3))
    def publish(self, choice):
        name = sorted(self.files)[choice]
        if name in self.damaged:
            with pytest.raises(UnreadableFile):
                self.versions.publish(name)
            return
        self.versions.publish(name)
        if self.model[-1:] != [name]:
            self.model.append(name)

    @rule()
    def rollback(self):
        past = [
            n
            for n, name in enumerate(self.model[:-1])
            if name != self.model[-1] and name not in self.damaged
        ]
        if past:
            self.model = self.model[: past[-1] + 1]
            assert self.versions.rollback() == self.model[-1]
        else:
            with pytest.raises(UnknownVersion):
                self.versions.rollback()

    @rule(choice=st.integers(0, 3), keep=st.integers(0, 5000))
    def damage(self, choice, keep):
        name = sorted(self.files)[choice]
        if name not in self.model[-1:]:
            self.versions.path(name).write_bytes(self.files[name][:keep])
            self.damaged.add(name)

    @invariant()
    def what_is_in_force_is_sound(self):
        if not hasattr(self, "versions"):
            return
        assert self.versions.current() == (self.model[-1] if self.model else None)
        if self.model:
            loaded, trouble = self.versions.load_newest_sound(lambda name, _: name)
            assert (loaded, trouble) == (self.model[-1], "")


def test_random_publishing_and_going_back(tmp_path, make_version):
    made = Versions(tmp_path / "made")
    names = [make_version(made, n, answers=1) for n in range(4)]
    (tmp_path / "runs").mkdir()

    class Machine(Publishing):
        files = {name: made.path(name).read_bytes() for name in names}  # noqa: RUF012
        folder = tmp_path / "runs"

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
