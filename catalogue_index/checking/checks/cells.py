"""What single cells say: basis, content, body, channels, deadline, method and level."""

import re
from collections.abc import Iterator

from ...deadlines import Deadline, deadlines, lost_unit
from ...model import Item
from ..draft import Draft, Hit
from ..guide import has_website
from ..laws import Law, outdated, successor
from ..rules import table

# --- 公开依据 --------------------------------------------------------------------------------------

_CLAUSE = re.compile(
    r"第[一二三四五六七八九十百零〇\d]{1,6}条(?:第[一二三四五六七八九十\d]{1,3}[款项])*"
)
_TITLES = re.compile(r"《[^》]*》|[（(〔\[【][^（()）〕\]】]*[)）〕\]】]")
_LONGEST_NOTE = 40
"""Characters outside titles and brackets from which a note in 公开依据 is a quotation; the longest note
seen in published catalogues has some 25 (民政部关于贯彻落实国务院……的通知 without its 《》)."""


def clauses(draft: Draft) -> Iterator[Hit]:
    """Articles named in 公开依据."""
    for item in draft.items:
        if found := _CLAUSE.search(_TITLES_ONLY.sub("", item.basis or "")):
            yield Hit(item.place, "basis", {"found": found[0]})


_TITLES_ONLY = re.compile(r"《[^》]*》")


def quotations(draft: Draft) -> Iterator[Hit]:
    """Running text in 公开依据; where it names its article, ``clauses`` has told it already."""
    for item in draft.items:
        basis = item.basis or ""
        if not _CLAUSE.search(_TITLES_ONLY.sub("", basis)):
            notes = re.split(r"[;；\n]", _TITLES.sub("", basis))
            if long := next((note for note in notes if len(note) > _LONGEST_NOTE), None):
                yield Hit(item.place, "basis", {"found": _shortened(long)})


def repeated_bases(draft: Draft) -> Iterator[Hit]:
    """政府信息公开条例 cited in every row of 卫生健康, whose guide says that special laws are enough."""
    for item in draft.items:
        if item.sector == "卫生健康" and "政府信息公开条例》" in (item.basis or ""):
            yield Hit(item.place, "basis")


def outdated_laws(draft: Draft) -> Iterator[Hit]:
    """Laws in 公开依据 and 公开内容 that are repealed, or cited by the number of an earlier version.

    Those that ended together are told together: one code took the place of ten laws.
    """
    for item in draft.items:
        for attribute in ("basis", "content"):
            ended: dict[tuple[str, str], list[str]] = {}
            for name, law in outdated(getattr(item, attribute) or "", draft.today):
                ended.setdefault(_fate(law, draft), []).append(name)
            for (state, advice), names in ended.items():
                words = {"found": "》《".join(dict.fromkeys(names)), "state": state}
                yield Hit(item.place, attribute, words | {"advice": advice})


def _fate(law: Law, draft: Draft) -> tuple[str, str]:
    day = f"{law.since.year}年{law.since.month}月{law.since.day}日"
    heir = successor(law, draft.today)
    state = f"已于{day}{law.status}（依据：{law.source}）"
    return state, f"现行的是{heir}；" if heir else ""


_ENDED = re.compile(
    r"(?:已|已经)(?:取消|停止|废止|完成|下放|划转|并入)(?!的|项目|事项)|不再(?:办理|实施|开展|保留)(?!的)"
    r"|(?:本[地县区市镇乡]|我[县区市镇乡])(?:暂?无|没有|未开展|不涉及)|(?:不涉及|无)此[项类]|^不涉及$"
)
_LONGEST_REMARK = 40
"""Characters beyond which a cell speaks of something else than the item's end."""

_EXPLAINED = re.compile(r"取消|停止|废止|完成|下放|划转|并入|不再|未开展|不涉及|没有|暂?无")
_CITES = re.compile(r"《[^》]+》|[〔\[﹝（(]\d{4}[〕\]﹞）)]|\d+号")


def cancelled_items(draft: Draft) -> Iterator[Hit]:
    """Rows that say the item has ended, where 公开依据 does not say so with a document."""
    for item in draft.items:
        told = (item.item, item.content, item.time_limit, *item.extras.values())
        remarks = (text for text in told if text and len(text) <= _LONGEST_REMARK)
        ended = next(filter(None, map(_ENDED.search, remarks)), None)
        basis = item.basis or ""
        if ended and not (_EXPLAINED.search(basis) and _CITES.search(basis)):
            yield Hit(item.place, "basis", {"found": ended[0]})


# --- 公开内容 --------------------------------------------------------------------------------------

_SENTENCE = re.compile(r"[^。；;\n]{12,}。")
_TELLS = re.compile(r"[应须需已将]|可以|不得|按照?|根据|收到")
_DISCLOSES = re.compile(r"公开|公示|公布|列表|空表|说明")
_DUTY = re.compile(r"(?:申请[人者]|当事人|单位|本人)?[应须需]当?(?:提[交供]|填写|携带|符合|具备)")
_PASTED = 60
"""Characters from which an element that lays down a duty is a material and no name of one."""


def pasted_materials(draft: Draft) -> Iterator[Hit]:
    """Elements that are the material itself: sentences that tell, or one that says what to bring.

    Sentences on what is to be disclosed are the guides' own (财政预决算 has many).
    """
    for item in draft.items:
        content = item.content or ""
        sentences = [
            sentence
            for sentence in _SENTENCE.findall(content)
            if _TELLS.search(sentence) and not _DISCLOSES.search(sentence)
        ]
        elements = re.split(r"[;；\n。]", content)
        duty = (text for text in elements if len(text) > _PASTED and _DUTY.search(text))
        found = sentences[0] if len(sentences) >= 2 else next(duty, None)
        if found:
            yield Hit(item.place, "content", {"found": _shortened(found)})


_PRIVATE = re.compile(
    r"身份证(?:件)?号码?|银行[卡账帐]号|个人(?:银行)?[账帐]号|家庭(?:详细)?(?:住址|地址)"
    r"|个人(?:手机号码?|住址)|病历|家庭成员(?:姓名|信息)"
)


def private_elements(draft: Draft) -> Iterator[Hit]:
    """Elements about single people that are published to everyone."""
    for item in draft.items:
        to_all = "全社会" in (item.audience or "") and "依申请" not in (item.method or "")
        if to_all and (found := _PRIVATE.search(item.content or "")):
            yield Hit(item.place, "content", {"found": found[0]})


# --- 公开时限 --------------------------------------------------------------------------------------

_LONGEST: dict[str, int] = {"工作日": 20, "日": 28, "月": 0, "年": 0}
"""The longest term of each unit within article 26: 20 working days are four weeks, so no month is."""

_OTHER_LAW = re.compile(r"《|法律|法规|另有规定|依法|规定的")
_VAGUE = re.compile(r"适时|尽快|尽早|视情况?|待定|另行|择机|近期|条件成熟")
_OF_BUDGETS = "财政预决算"
"""预算法 article 14 counts days: 批准后二十日内, 批复后二十日内."""


def too_long(draft: Draft) -> Iterator[Hit]:
    """Terms to publish of more than 20 working days, where the cell names no law."""
    for item, term in _terms(draft):
        applied = "依申请" in (item.method or "")
        if term.kind == "within" and term.number > _LONGEST[term.unit] and not applied:
            yield Hit(item.place, "time_limit", {"found": _said(term)})


def in_days(draft: Draft) -> Iterator[Hit]:
    """Terms from forming or changing information that count days instead of working days."""
    for item, term in _terms(draft):
        counted = term.unit == "日" and term.kind == "within" and term.number <= _LONGEST["日"]
        about = not term.event or re.search("形成|变更|制作|获取|制定", term.event)
        if counted and about and item.sector != _OF_BUDGETS:
            yield Hit(item.place, "time_limit", {"found": _said(term), "number": str(term.number)})


def _terms(draft: Draft) -> Iterator[tuple[Item, Deadline]]:
    for item in draft.items:
        limit = item.time_limit or ""
        if not _OTHER_LAW.search(limit):
            yield from ((item, term) for term in deadlines(limit))


def _said(term: Deadline) -> str:
    measure = "个" if term.unit in ("工作日", "月") else ""
    return f"{term.number}{measure}{term.unit}"


def lost_units(draft: Draft) -> Iterator[Hit]:
    """Numbers without their unit."""
    for item in draft.items:
        if found := lost_unit(item.time_limit or ""):
            yield Hit(item.place, "time_limit", {"found": found})


def vague_deadlines(draft: Draft) -> Iterator[Hit]:
    """Deadlines that commit to nothing; 及时, 实时 and 长期 are the guides' own."""
    for item in draft.items:
        limit = item.time_limit or ""
        if not deadlines(limit) and (found := _VAGUE.search(limit)):
            yield Hit(item.place, "time_limit", {"found": found[0]})


# --- 公开主体, 渠道, 方式, 层级 ---------------------------------------------------------------------

_VAGUE_BODY = re.compile(
    r"(?:相关|有关|各级|所属|其他|具体)[^、,，;；和及或与(（]{0,10}(?:部门|单位|机构|科室)(?!法人)"
    r"|负责[^、,，;；]{0,12}的[^、,，;；]{0,4}(?:部门|单位|机构)|^(?:行业|业务)?(?:主管|责任|职能)(?:部门|单位)$"
)


def vague_bodies(draft: Draft) -> Iterator[Hit]:
    """Bodies that are no body: 相关部门, 有关单位."""
    for item in draft.items:
        if found := _VAGUE_BODY.search(item.discloser or ""):
            yield Hit(item.place, "discloser", {"found": found[0]})


def bodies_of_the_city(draft: Draft) -> Iterator[Hit]:
    """生态环境 left to the city, though its branches in counties disclose too."""
    for item in draft.items:
        if item.sector == "生态环境" and (found := _OF_THE_CITY.search(item.discloser or "")):
            yield Hit(item.place, "discloser", {"found": found[0]})


_OF_THE_CITY = re.compile(r"^(?:地)?市级生态环境(?:主管)?(?:部门|局)$")


def missing_websites(draft: Draft) -> Iterator[Hit]:
    """Items published to everyone on no website; unless the guide's row has none either."""
    online = {place: row.online for c in draft.comparisons for place, row in c.kept.items()}
    for item in draft.items:
        to_all = "全社会" in (item.audience or "") and "主动" in (item.method or "")
        expected = online.get(item.place)
        if item.channels and not has_website(item.channels) and expected is not False and to_all:
            yield Hit(item.place, "channels")


def both_methods(draft: Draft) -> Iterator[Hit]:
    """Rows in which both 主动 and 依申请 are ticked."""
    for item in draft.items:
        if "主动" in (item.method or "") and "申请" in (item.method or ""):
            yield Hit(item.place, "method")


def statutory_on_request(draft: Draft) -> Iterator[Hit]:
    """Items on request only, in sectors that articles 20 and 21 name."""
    named = {row["sector"]: row for row in table("statutory")}
    for item in draft.items:
        row = named.get(item.sector or "")
        if row and "申请" in (item.method or "") and "主动" not in (item.method or ""):
            words = {"found": row["topic"], "number": row["number"], "words": row["words"]}
            yield Hit(item.place, "method", words)


_TOWN_BODY = re.compile(
    r"(?<!城)乡(?!村振兴)|(?<!城)镇|(?<![乡农])村|街道|社区|居委会|嘎查|苏木|派出所|司法所|便民服务"
)
"""What names a body of towns and villages; 城乡建设, 农业农村 and 乡村振兴 are business of counties."""

_COUNTY_BODY = re.compile(
    r"[县区市旗州](?:级|直|政府)|[县区市旗州][^、,，;；]{0,12}(?:局|委|委员会|办|办公室|中心|分局|人民政府)(?=$|[、,，;；(（])"
)
_TOWN_LEVEL, _COUNTY_LEVEL = re.compile("[乡镇村]"), re.compile("县|市|旗|州|(?<!社)区")


def levels_without_body(draft: Draft) -> Iterator[Hit]:
    """Rows of one level whose bodies are all of the other."""
    yield from (hit for hit, both in _levels(draft) if not both)


def levels_half_told(draft: Draft) -> Iterator[Hit]:
    """Rows of both levels that name bodies of one only."""
    yield from (hit for hit, both in _levels(draft) if both)


def _levels(draft: Draft) -> Iterator[tuple[Hit, bool]]:
    """Each level ticked without a body, and whether both levels are. Generic names tell no level."""
    for item in draft.items:
        body, level = item.discloser or "", item.level or ""
        of_town, of_county = _TOWN_BODY.search(body), _COUNTY_BODY.search(body)
        in_town, in_county = _TOWN_LEVEL.search(level), _COUNTY_LEVEL.search(level)
        missing = "乡级" if in_town and of_county and not of_town else ""
        missing = "县级" if in_county and of_town and not of_county else missing
        if missing:
            hit = Hit(item.place, "level", {"level": missing, "body": body})
            yield hit, bool(in_town and in_county)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 24 else text[:24] + "…"
