import io

import pytest
from docx import Document

from bot.notices.reading import read_text, read_upload
from catalogue_index.errors import UnreadableFile

WORDS = "关于发放高龄津贴的通知\n高民〔2026〕12号\n八十周岁以上老人每月五十元。"


def as_docx(text):
    made = Document()
    for line in text.splitlines():
        made.add_paragraph(line)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (WORDS.encode(), "通知.TXT"),
        (WORDS.encode("gb18030"), "../../通知.txt"),
        (as_docx(WORDS), "通知.docx"),
        (f"<title>{WORDS.splitlines()[0]}</title><p>x</p>".encode(), "a.html"),
        (f"<title>{WORDS.splitlines()[0]}</title><p>x</p>".encode("gb18030"), "a.htm"),
        (f"<meta charset='gbk'><h1>{WORDS.splitlines()[0]}</h1>".encode("gbk"), "a.HTML"),
    ],
)
def test_a_file_that_was_sent_is_read_by_its_ending(data, name):
    assert read_upload(data, name).title == "关于发放高龄津贴的通知"


@pytest.mark.parametrize(
    ("data", "name"), [(b"x", "a.exe"), (b"not a docx", "a.docx"), (b"", "a.html"), (b"x", "")]
)
def test_what_cannot_be_read_is_refused_without_its_name(data, name):
    with pytest.raises(UnreadableFile) as refused:
        read_upload(data, name)
    assert "上传的文件" in str(refused.value)


def test_pasted_words_bring_title_and_number():
    read = read_text(WORDS)
    assert (read.title, read.number) == ("关于发放高龄津贴的通知", "高民〔2026〕12号")
