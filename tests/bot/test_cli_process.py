"""The command as a process of its own: pipes, a full disk, and what an office's scripts see."""

import json
import os
import subprocess
import sys
from pathlib import Path

ZWGK = Path(sys.executable).with_name("zwgk")


def run(*words, by=(), **more):
    line = [*by, str(ZWGK), *map(str, words)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False, **more)
    assert "Traceback" not in ended.stderr
    return ended


def test_a_reader_that_leaves_early_hears_no_complaint(builtin_dir, tmp_path):
    batch = tmp_path / "题.jsonl"
    batch.write_text('{"question": "公开依据要写到条款吗"}\n' * 400, "utf-8")
    line = f'"{ZWGK}" ask --batch "{batch}" --data-dir "{builtin_dir}" | head -n 1'
    ended = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["sources"][0]["number"] == 7
    assert ended.stderr == ""


def test_a_batch_is_answered_through_a_pipe(builtin_dir):
    asked = (
        '{"id": 1, "question": "你好"}\n{"id": 2, "question": 3}\n{"id": 3, "question": "你好"}\n'
    )
    ended = run("ask", "--batch", "-", "--data-dir", builtin_dir, input=asked)
    assert ended.returncode == 1
    assert [json.loads(line)["id"] for line in ended.stdout.splitlines()] == [1]
    assert "第 2 行用不了" in ended.stderr


def test_a_full_disk_is_said_plainly_and_leaves_nothing_half_done(tmp_path):
    directory = tmp_path / "数据"
    # Enough to begin the snapshot, not to finish it. Limited by an own process: this one has threads, and may not fork.
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))"
    program = f"import os, resource, sys; {limit}; os.execv(sys.argv[1], sys.argv[1:])"
    limited = (sys.executable, "-c", program)
    ended = run("ask", "公开依据要写到条款吗", "--data-dir", directory, by=limited)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "请检查" in ended.stderr
    assert "空间" in ended.stderr
    assert not list((directory / "knowledge").glob("*.sqlite*"))


def test_exit_statuses_are_those_that_scripts_rely_on(builtin_dir):
    here = ("--data-dir", builtin_dir)
    assert run("knowledge", "versions", *here).returncode == 0
    assert run("ask", "你好", "--area", "0", *here).returncode == 1
    assert run("ask", "你好", "--what").returncode == 2


def test_a_second_start_loads_nothing_that_only_other_commands_need(office):
    run("doctor", "--data-dir", office)
    program = (
        "import sys; from bot.cli import main;"
        "main(['doctor', '--json']);"
        "unwanted = {'bot.knowledge.service', 'catalogue_index.plans.parsing', 'openpyxl',"
        " 'sqlalchemy.dialects.postgresql'};"
        "print(*unwanted & set(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "ZWGK_DATA_DIR": str(office)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert all(check["fine"] for check in json.loads(ended.stdout))
    assert ended.stderr == "\n"
