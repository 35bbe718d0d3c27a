"""Parts that tests of commands share: the command line in this process, and an office's data directory."""

import shutil

import pytest

from bot.cli import main


@pytest.fixture
def zwgk(builtin_dir, monkeypatch, capsys):
    """Runs a line in this process: status, standard output, standard error."""
    monkeypatch.setenv("ZWGK_DATA_DIR", str(builtin_dir))

    def run(*words):
        capsys.readouterr()
        try:
            main([str(word) for word in words])
            status = 0
        except SystemExit as ended:
            status = ended.code or 0
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return run


@pytest.fixture
def refused(zwgk):
    """Runs a line that must be turned down with one Chinese sentence, and returns the sentence."""

    def run(*words, status=1):
        ended, out, err = zwgk(*words)
        assert ended == status
        assert out == ""
        assert any("一" <= character <= "鿿" for character in err)
        return err

    return run


@pytest.fixture
def office(builtin_dir, tmp_path):
    """A data directory of the test's own."""
    return shutil.copytree(builtin_dir, tmp_path / "office")
