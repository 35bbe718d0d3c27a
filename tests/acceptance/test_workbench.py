"""A new clerk's first days: a template, filled wrongly, checked, corrected, imported, asked, and changed."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.acceptance.conftest import ZWGK

AREA = "441204"
WITHIN_20 = "信息形成或者变更之日起20个工作日内"
ROW = {
    "F": WITHIN_20,
    "G": "高要区民政局",
    "H": "■政府网站 □政府公报",
    "I": "√",
    "K": "√",
    "M": "√",
}
FIRST, SECOND, THIRD = 6, 7, 8


@dataclass
class Clerk:
    """Somebody at a terminal in a folder of their own."""

    folder: Path
    data_dir: Path

    def zwgk(self, *words: str, status: int = 0) -> str:
        environment = {**os.environ, "ZWGK_DATA_DIR": str(self.data_dir), "COLUMNS": "200"}
        done = subprocess.run(
            [ZWGK, *words], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def ask(self, question: str, *more: str) -> dict[str, object]:
        told: dict[str, object] = json.loads(
            self.zwgk("ask", question, "--area", AREA, "--json", *more)
        )
        told.pop("ms", None)
        return told

    def fill(self, name: str, new: str, cells: dict[str, str | None]) -> None:
        """Open a workbook, type into cells, and save it under a new name."""
        book = openpyxl.load_workbook(self.folder / name)
        sheet = book.worksheets[0]
        assert isinstance(sheet, Worksheet)
        for place, text in cells.items():
            sheet[place] = text
        book.save(self.folder / new)


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    return Clerk(tmp_path, tmp_path / "data")


def test_from_a_template_to_an_answer_and_on_to_the_next_version(clerk: Clerk) -> None:
    assert "预填了" in clerk.zwgk(
        "catalogue", "template", "--sector", "养老服务", "-o", "目录.xlsx"
    )

    # Filled wrongly: a limit too long, nobody named, no website, both ways at once.
    cells: dict[str, str | None] = {
        f"{column}{row}": text for row in (FIRST, SECOND, THIRD) for column, text in ROW.items()
    }
    faults: dict[str, str | None] = {
        f"F{FIRST}": "信息形成或者变更之日起30日内",
        f"G{SECOND}": "相关部门",
        f"H{THIRD}": "■政务公开栏",
        f"L{THIRD}": "√",
    }
    clerk.fill("目录.xlsx", "错.xlsx", cells | faults)
    words = ("catalogue", "check", "错.xlsx", "--area", AREA)
    told = json.loads(clerk.zwgk(*words, "--json", status=1))
    assert {(one["place"]["row"], one["label"]) for one in told["findings"]} == {
        (FIRST, "公开时限"),
        (SECOND, "公开主体"),
        (THIRD, "公开渠道和载体"),
        (THIRD, "公开方式"),
    }
    clerk.zwgk(*words, "--xlsx", "批注.xlsx", status=1)
    noted = openpyxl.load_workbook(clerk.folder / "批注.xlsx")["标准目录"]
    assert {place for place in faults if noted[place].comment} >= {f"F{FIRST}", f"G{SECOND}"}

    # Corrected: nothing is found any more, and what is imported answers, with row, area and date.
    clerk.fill("错.xlsx", "对.xlsx", cells | {f"L{THIRD}": None})
    assert "没有发现问题" in clerk.zwgk("catalogue", "check", "对.xlsx", "--area", AREA)
    first = json.loads(clerk.zwgk("catalogue", "import", "对.xlsx", "--area", AREA, "--json"))
    assert first["items"] == 3
    assert first["doubtful"] == []
    question = "养老服务扶持政策多久公开？"
    before = clerk.ask(question)
    assert WITHIN_20 in str(before["text"])
    assert f"第{SECOND}行，高要区，20" in str(before["text"])

    # The next version: one limit shorter. What changed is told, and the old answer can be had again.
    within_10 = WITHIN_20.replace("20", "10")
    clerk.fill("对.xlsx", "新.xlsx", {f"F{SECOND}": within_10})
    (change,) = json.loads(clerk.zwgk("catalogue", "diff", "对.xlsx", "新.xlsx", "--json"))[
        "changed"
    ]
    (cell,) = change["cells"]
    assert (cell["label"], cell["before"], cell["after"]) == ("公开时限", WITHIN_20, within_10)
    clerk.zwgk("catalogue", "import", "新.xlsx", "--area", AREA)
    assert within_10 in str(clerk.ask(question)["text"])
    assert clerk.ask(question, "--version", first["published"]) == before

    # And back, for this sector alone.
    clerk.zwgk("catalogue", "rollback", "--area", AREA, "--sector", "养老服务")
    assert WITHIN_20 in str(clerk.ask(question)["text"])
