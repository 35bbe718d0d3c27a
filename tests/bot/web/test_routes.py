"""The pages as a browser without JavaScript gets them."""

import re

import pytest


def test_home_welcomes_with_examples_to_tap(client):
    page = client.get("/").text
    assert "您好，想了解什么？" in page
    assert 'href="/?q=%E6%A0%87%E5%87%86%E7%9B%AE%E5%BD%95' in page
    assert "群众常问" in page
    assert "工作人员常问" in page
    assert "还没有选择地区" in page


def test_question_is_answered_without_javascript(client):
    response = client.get("/", params={"q": "标准目录由谁来编制？"})
    assert response.status_code == 200
    assert "<p>由县级政府政务公开主管部门组织编制。</p>" in response.text
    assert "第 1 问 · 2020年 · 广东省" in response.text
    assert 'href="/faq/guangdong-2020-notice-1"' in response.text
    assert "为什么是这个答案" in response.text
    assert "标题一致" in response.text


def test_previous_question_travels_as_context(client):
    page = client.get("/", params={"q": "标准目录由谁来编制？"}).text
    assert '<input type="hidden" name="context" value="标准目录由谁来编制？">' in page
    later = client.get("/", params={"q": "时限呢", "context": "标准目录由谁来编制？"}).text
    assert "接着“标准目录由谁来编制？”。" in later


def test_choices_ask_their_message_and_keep_the_context(client):
    page = client.get("/", params={"q": "时限"}).text
    link = re.search(r'data-ask="低保审核信息的公开时限" href="([^"]+)"', page)
    assert link
    following = client.get(link[1].replace("&amp;", "&"))
    assert "公示7个工作日" in following.text


def test_text_from_elsewhere_wears_a_badge_and_own_text_does_not(client):
    badge = "〔广东省口径，供参考〕"
    assert badge in client.get("/", params={"q": "编制", "area": "泽州县"}).text
    assert badge not in client.get("/", params={"q": "编制", "area": "高要区"}).text


def test_area_is_found_by_name_and_remembered(client):
    first = client.get("/", params={"area": "高要"})
    assert "广东省肇庆市高要区" in first.text
    assert "换地区" in first.text
    assert client.cookies["zwgk_area"] == "441204"
    assert "地区 441204" in client.get("/", params={"q": "无关的话"}).text


def test_area_names_that_several_counties_share_become_choices(client):
    response = client.get("/", params={"area": "鼓楼区", "q": "编制"})
    assert response.status_code == 422
    for place in ("江苏省南京市鼓楼区", "福建省福州市鼓楼区"):
        assert place in response.text
    assert "zwgk_area" not in client.cookies
    assert "area=350102&amp;q=%E7%BC%96%E5%88%B6" in response.text


def test_unknown_area_is_said_in_place_and_nothing_is_answered(client):
    response = client.get("/", params={"area": "不存在县", "q": "编制"})
    assert response.status_code == 422
    assert "没有找到地区“不存在县”" in response.text
    assert "主管部门" not in response.text
    assert 'value="不存在县"' in response.text


def test_places_that_only_lend_examples_are_suggested_but_not_put_forward(client):
    page = client.get("/").text
    assert '<option value="浙江省宁波市鄞州区">' in page
    assert ">鄞州区</a>" not in page
    assert ">高要区</a>" in page


def test_town_with_documents_can_be_chosen(client):
    assert "金渡镇" in client.get("/", params={"area": "金渡镇"}).text
    assert client.cookies["zwgk_area"] == "441204101"


@pytest.mark.parametrize("damaged", ["999", "../x", "<b>", "12345678901234567890"])
def test_damaged_cookies_never_break_a_page(client, damaged):
    headers = {"Cookie": f"zwgk_area={damaged}; zwgk_large={damaged}"}
    response = client.get("/", headers=headers)
    assert response.status_code == 200
    assert "还没有选择地区" in response.text


def test_office_installation_starts_with_its_own_area(gaoyao_client):
    assert "广东省肇庆市高要区" in gaoyao_client.get("/").text


def test_missing_area_is_asked_for_with_the_question_kept(client):
    page = client.get("/", params={"q": "在哪里看"}).text
    assert "您在哪个县（市、区）？" in page
    assert '<input type="hidden" name="q" value="在哪里看">' in page


@pytest.mark.parametrize(
    ("question", "status", "sentence"),
    [
        ("  ", 422, "还没有写问题"),
        ("问" * 501, 422, "问题有 501 个字，超过了 500 字"),
        ("x" * 10_001, 413, "超过了 10000 字"),
    ],
)
def test_unusable_questions_get_a_plain_sentence(client, question, status, sentence):
    response = client.get("/", params={"q": question})
    assert response.status_code == status
    assert sentence in response.text


def test_question_that_is_too_long_stays_in_the_box_to_be_shortened(client):
    page = client.get("/", params={"q": "问" * 501}).text
    assert f">{'问' * 501}</textarea>" in page
    assert "></textarea>" in client.get("/", params={"q": "编制"}).text


@pytest.mark.parametrize("address", ["/", "/faq/guangdong-2020-notice-1"])
def test_link_checkers_may_ask_with_head(client, address):
    response = client.head(address)
    assert (response.status_code, response.content) == (200, b"")


def test_question_is_shown_as_text_never_as_markup(client):
    page = client.get("/", params={"q": "<script>alert(1)</script>\"'"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_entry_page_shows_the_official_text_and_its_neighbours(client):
    page = client.get("/faq/guangdong-2020-notice-2").text
    assert "可以增加，&lt;不得&gt;删减。" in page
    assert "官方答疑 · 第 2 问 · 怎样编制" in page
    assert 'href="/sources/guangdong-2020-notice#q2"' in page
    assert 'rel="prev" href="/faq/guangdong-2020-notice-1"' in page
    assert 'rel="next"' not in page


def test_item_page_shows_known_cells_only(client):
    page = client.get("/items/gaoyao-social-assistance-1").text
    assert "公示7个工作日" in page
    assert "备注" in page
    assert "公开依据" not in page
    assert "社会救助 第 12 行" in page
    assert "高民〔2020〕8号" in page


def test_item_without_a_name_of_its_own_goes_by_its_category(client):
    assert "<h1>最低生活保障</h1>" in client.get("/items/gaoyao-social-assistance-2").text


def test_pages_say_when_the_text_binds_somebody_else(client):
    note = "在其他地区仅供参考"
    assert note not in client.get("/faq/guangdong-2020-notice-1").text
    client.get("/", params={"area": "140525"})
    assert note in client.get("/faq/guangdong-2020-notice-1").text
    assert note in client.get("/items/gaoyao-social-assistance-1").text
    client.get("/", params={"area": "441204"})
    assert note not in client.get("/items/gaoyao-social-assistance-1").text


def test_source_page_holds_the_whole_text_with_anchors(client):
    page = client.get("/sources/guangdong-2020-notice").text
    assert '<h3 id="p1">一、增强公开意识</h3>' in re.sub(r"<span[^>]*></span>", "", page)
    assert 'id="q2"' in page
    assert "可以增加，&lt;不得&gt;删减。" in page
    assert 'href="/faq/guangdong-2020-notice-1"' in page


def test_source_page_of_a_catalogue_lists_its_rows_by_sector(client):
    page = client.get("/sources/gaoyao-social-assistance").text
    assert page.index("<h3>社会救助</h3>") < page.index("<h3>养老服务</h3>")
    assert 'id="r3"><a href="/items/gaoyao-social-assistance-3"' in page
    assert "：最低生活保障政策文件" in page  # a row without a name is told by its content
    assert "低保初审对象名单" not in page


@pytest.mark.parametrize("address", ["/faq/none-1", "/items/none-1", "/sources/none", "/faq/%00"])
def test_unknown_addresses_lead_back(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "没有找到您要看的页面" in response.text
    assert 'href="/"' in response.text


def test_elder_version_is_entered_from_every_page_and_remembered(client):
    for address in (
        "/",
        "/faq/guangdong-2020-notice-1",
        "/sources/guangdong-2020-notice",
        "/faq/x",
    ):
        assert 'href="?large=1">长辈版</a>' in client.get(address).text
    assert 'class="large size-21"' in client.get("/", params={"large": "1"}).text
    page = client.get("/items/gaoyao-social-assistance-1").text
    assert 'class="large size-21"' in page
    assert 'href="?large=18"' in page
    assert 'href="?large=24"' in page
    assert "标准版" in page
    assert "class=" not in client.get("/", params={"large": "0"}).text.partition("<head>")[0]


def test_letter_size_links_keep_the_question(client):
    page = client.get("/", params={"q": "编制", "large": "30"}).text
    assert 'href="?q=%E7%BC%96%E5%88%B6&amp;large=27"' in page
    assert "已是最大字号" in page


@pytest.mark.parametrize(
    "address", ["/", "/?q=编制", "/faq/none", "/api/ask?question=编制", "/api/ask"]
)
def test_every_answer_carries_the_security_headers(client, address):
    headers = client.get(address).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "address",
    ["/?q=时限", "/?area=鼓楼区", "/faq/guangdong-2020-notice-1", "/sources/guangdong-2020-notice"],
)
def test_pages_name_no_other_host_and_hold_nothing_inline(client, address):
    page = client.get(address).text
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)
    assert not re.findall(r"<style|<script(?! src)|\sstyle=|\son\w+=", page)


def test_files_may_be_kept_for_ever_under_the_address_that_pages_use(client):
    page = client.get("/").text
    for name in ("style.css", "chat.js", "icon.svg"):
        address = re.search(rf'"(/assets/web/{re.escape(name)}\?v=\w+)"', page)
        assert address, name
        kept = client.get(address[1])
        assert kept.status_code == 200
        assert "immutable" in kept.headers["cache-control"]
        assert "default-src 'self'" in kept.headers["content-security-policy"]
    assert "immutable" not in client.get("/assets/web/style.css").headers["cache-control"]
    assert "immutable" not in client.get("/assets/web/style.css?v=0").headers["cache-control"]


def test_cookies_hold_a_code_and_a_size_and_stay_on_this_site(client):
    response = client.get("/", params={"area": "441204", "large": "24"})
    cookies = response.headers.get_list("set-cookie")
    assert sorted(cookie.partition(";")[0] for cookie in cookies) == [
        "zwgk_area=441204",
        "zwgk_large=24",
    ]
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in cookies)
