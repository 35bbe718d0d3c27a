"""Where somebody lives: a person's name, a word for living there, and an address down to the door.

An address alone is an office's as often as not (地址：新兴路1号政务服务中心), and a street or a village
is nobody's home. Only the three together are personal: what identifies a natural person with what
is recorded of him (个人信息保护法, article 4).
"""

import re
from collections.abc import Iterator

_HAN = "\u4e00-\u9fff"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任"
    "卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴"
    "严莫孔向汤康易乔赖庞樊兰殷施洪翟安颜倪牛温芦季俞章鲁葛伍申尤毕聂柴焦柳邢骆岳齐梅庄涂祁耿詹关费"
    "纪靳童欧甄裴祝霍翁柯阮符舒左盛宁苗卜冉单项邬常"
)
_PAIRS = "欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|令狐|夏侯|司徒"
_NOT_LAST = "区县市镇乡村局厅部委办站所案目息期费权料书证表式法人员户地址元项款策务理业者住"
"""How words end that begin like a name: 高要区, 方案, 许可证."""

_NAME = rf"(?:{_PAIRS}|[{_SURNAMES}])[{_HAN}]?[^\W\da-zA-Z{_NOT_LAST}]"
_ROLES = "姓名|申请人|户主|当事人|联系人|监护人|业主|产权人|权利人|征收人|执行人|村民|居民|低保户|救助对象"
_PERSON = re.compile(rf"(?:(?<![{_HAN}])|(?:{_ROLES})\s*[：:]?\s*){_NAME}(?=[^{_HAN}]|[男女]|$)")
_NAMED = re.compile(rf"姓\s*名\s*[：:]?\s*{_NAME}(?![{_HAN}])")

_LIVES = re.compile(
    r"家庭(?:详细)?(?:住址|地址)|[现暂]?住址|居住地址|(?:经常)?居住地|户籍(?:地址|所在地|地)"
    r"|[家现暂]住|居住(?=[在于])|(?<![居常入])住(?![房宅院建户宿所址地校满保])"
)
_ADDRESS = re.compile(r"(?:联系|通[讯信]|详细)?地址")
_JOINS = re.compile(r"\s*[在于为是]?\s*[：:]?\s*")
_RUN = re.compile(rf"[{_HAN}][{_HAN}0-9A-Za-z#·-]{{3,60}}")
_PLACE = re.compile("[省市区县旗镇乡村路街道巷弄里园苑庄屯寨湾坊城院组队]")
_DOOR = re.compile(
    r"\d[0-9A-Za-z-]*(?:号(?![文令线])(?:楼|院)?|栋|幢|座|单元|层|室|房|户)(?:\d{2,4}[室房户]?(?!\d))?"
)
_OFFICE = re.compile("中心|大厅|政府|委员会|办公|[局厅站所]|大楼|窗口")
_SENTENCE = re.compile("[。！？]")
_WINDOW = 60
"""Characters before the word for living in which the name must stand."""


def homes(text: str) -> Iterator[tuple[int, int]]:
    """Where home addresses stand in ``text``, whose digits are half-width: (start, end)."""
    if not {"住", "址", "籍"}.isdisjoint(text):
        for pattern, person, offices in ((_LIVES, _PERSON, True), (_ADDRESS, _NAMED, False)):
            for word in pattern.finditer(text):
                if _stands_before(person, text, word.start()):
                    yield from _door(text, word.end(), offices)


def _stands_before(person: re.Pattern[str], text: str, end: int) -> bool:
    start = max(0, end - _WINDOW)
    sentences = [mark.end() for mark in _SENTENCE.finditer(text, start, end)]
    return person.search(text, sentences[-1] if sentences else start, end) is not None


def _door(text: str, start: int, offices: bool) -> Iterator[tuple[int, int]]:
    """The address that begins at ``start`` if it leads to a door, and to no office's unless asked."""
    join = _JOINS.match(text, start)
    run = _RUN.match(text, join.end() if join else start)
    doors = list(_DOOR.finditer(run[0])) if run else []
    if not run or not doors or not _PLACE.search(run[0], 0, doors[0].start()):
        return
    if offices or not _OFFICE.search(run[0]):
        yield run.start(), run.start() + doors[-1].end()
