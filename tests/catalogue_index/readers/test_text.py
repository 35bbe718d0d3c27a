import os

import pytest

from catalogue_index.errors import UnreadableFile
from catalogue_index.readers.text import read_text

TEXT = "一、总体要求\n各乡（镇）要编制标准目录，做好政务公开工作。\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_encodings_of_chinese_offices(tmp_path, encoding):
    path = tmp_path / "plan.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert read_text(path) == TEXT


def test_big5_of_traditional_text(tmp_path):
    text = "政府資訊公開標準目錄，由縣政府辦公室負責編製，並於網站公布。"
    path = tmp_path / "plan.txt"
    path.write_bytes(text.encode("big5"))
    assert read_text(path) == text


def refusal(path, **bounds):
    with pytest.raises(UnreadableFile) as refused:
        read_text(path, **bounds)
    return str(refused.value)


def test_missing_file_is_refused(tmp_path):
    assert "找不到文件" in refusal(tmp_path / "plan.txt")


def test_folder_is_refused(tmp_path):
    assert "是文件夹" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_refused(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0)
    assert "没有权限" in refusal(path)


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf"])
def test_empty_file_is_refused(tmp_path, content):
    path = tmp_path / "plan.txt"
    path.write_bytes(content)
    assert "是空的" in refusal(path)


def test_file_over_the_limit_is_refused(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text("政" * 1_000_000, encoding="utf-8")
    assert "超过 2 MB" in refusal(path, max_bytes=2_000_000)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n%...", "PDF 文档"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"PK\x03\x04word/document.xml", "Word 文档"),
        (
            b"\xd0\xcf\x11\xe0".ljust(128, b"\0") + "WordDocument".encode("utf-16-le"),
            "Word 97-2003 文档",
        ),
    ],
)
def test_other_formats_are_refused_by_name(tmp_path, content, kind):
    path = tmp_path / "plan.txt"
    path.write_bytes(content)
    assert f"是{kind}，不是纯文本" in refusal(path)


@pytest.mark.parametrize("content", [bytes(range(256)), b"\xff\xff\xff\x81"])
def test_binary_is_refused(tmp_path, content):
    path = tmp_path / "plan.txt"
    path.write_bytes(content)
    assert "文字编码" in refusal(path)


def test_every_refusal_says_what_to_do(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_bytes(bytes(range(256)))
    assert "请另存为纯文本（UTF-8）" in refusal(path)
