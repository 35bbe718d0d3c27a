import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.vault import Vault, VaultRefused, open_vault

SECRET = "a secret of thirty-two characters"


def test_hash_is_the_same_for_the_same_secret_only() -> None:
    first = Vault(SECRET).hash("wechat", "gaoyao", "o5lE40xwHOqG8riO")

    assert first == Vault(SECRET).hash("wechat", "gaoyao", "o5lE40xwHOqG8riO")
    assert first != Vault(SECRET + "!").hash("wechat", "gaoyao", "o5lE40xwHOqG8riO")
    assert len(first) == 64
    assert "o5lE40" not in first


@given(
    st.lists(st.text(st.characters(codec="utf-8"))), st.lists(st.text(st.characters(codec="utf-8")))
)
def test_parts_are_told_apart(left: list[str], right: list[str]) -> None:
    vault = Vault(SECRET)
    assert (vault.hash(*left) == vault.hash(*right)) == (left == right)


def test_sealed_words_open_again_and_look_like_nothing() -> None:
    vault = Vault(SECRET)
    sealed = vault.seal("低保怎么申请")

    assert vault.unseal(sealed) == "低保怎么申请"
    assert vault.unseal(vault.seal("half \ud800")) == "half ?"
    assert "低保" not in sealed
    assert vault.seal("低保怎么申请") != sealed


def test_words_sealed_with_another_secret_stay_closed() -> None:
    with pytest.raises(VaultRefused, match="密钥与保存时不同"):
        Vault(SECRET + "!").unseal(Vault(SECRET).seal("x"))


def test_secret_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    first = open_vault(tmp_path / "data")
    path = tmp_path / "data" / "secret.key"

    assert open_vault(tmp_path / "data").hash("x") == first.hash("x")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["secret.key"]


def test_two_directories_have_two_secrets(tmp_path: Path) -> None:
    assert open_vault(tmp_path / "a").hash("x") != open_vault(tmp_path / "b").hash("x")


def test_a_given_secret_needs_no_file(tmp_path: Path) -> None:
    assert open_vault(tmp_path, SECRET).hash("x") == Vault(SECRET).hash("x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 64])
def test_damaged_secret_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)

    with pytest.raises(VaultRefused, match=r"secret\.key"):
        open_vault(tmp_path)


def test_processes_that_start_together_share_the_secret(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys\n"
        "from bot.storage.vault import open_vault\n"
        "sys.stdin.readline()\n"
        "print(open_vault(pathlib.Path(sys.argv[1])).hash('x'))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "data")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    hashes = {process.communicate(timeout=300)[0] for process in processes}

    assert len(hashes) == 1
    assert hashes == {open_vault(tmp_path / "data").hash("x") + "\n"}
