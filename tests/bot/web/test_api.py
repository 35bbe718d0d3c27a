"""The JSON API that offices script against (design §6)."""

import pytest


def test_answer_has_the_shape_of_the_surface(client):
    response = client.get("/api/ask", params={"question": "标准目录由谁来编制？", "area": "高要区"})
    assert response.status_code == 200
    answer = response.json()
    assert answer["kind"] == "answer"
    assert answer["route"] == "faq"
    assert answer["sources"][0]["number"] == 1
    assert answer["sources"][0]["binding"] is True
    assert answer["reasons"] == ["标题一致"]


def test_post_and_get_answer_alike(client):
    asked = {"question": "时限", "area": "441204", "context": "低保"}
    assert (
        client.post("/api/ask", json=asked).json()
        == client.get("/api/ask", params=asked).json()
        != {}
    )


def test_page_gets_the_card_it_shows(client):
    asked = {"question": "标准目录由谁来编制？"}
    response = client.post("/api/ask", json=asked, headers={"Accept": "text/html"})
    assert response.headers["content-type"].startswith("text/html")
    assert response.text.strip().startswith("<article")
    whole = client.get("/", params={"q": asked["question"]}).text
    assert response.text.strip() in whole


def test_page_gets_refusals_as_a_card_too(client):
    response = client.post("/api/ask", json={"question": " "}, headers={"Accept": "text/html"})
    assert response.status_code == 422
    assert 'role="alert"' in response.text


def test_default_area_serves_until_another_is_named(gaoyao_client):
    ask = "/api/ask"
    assert gaoyao_client.get(ask, params={"question": "?"}).json()["text"].endswith("441204")
    named = {"question": "?", "area": "泽州"}
    assert gaoyao_client.get(ask, params=named).json()["text"].endswith("140525")
    assert gaoyao_client.get(ask, params={"question": "?", "area": " "}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "field", "words"),
    [
        ({}, 422, "question", "缺少问题"),
        ({"question": ""}, 422, "question", "还没有写问题"),
        ({"question": 5}, 422, "question", "应当是一段文字"),
        ({"question": "问", "area": []}, 422, "area", "应当是一段文字"),
        ({"question": "问", "area": "不存在县"}, 422, "area", "没有找到地区"),
        ({"question": "问", "area": "999999"}, 422, "area", "没有代码为“999999”的地区"),
        ({"question": "问", "area": "鼓楼区"}, 422, "area", "江苏省南京市鼓楼区（320106）"),
        ({"question": "问", "area": "区" * 41}, 422, "area", "地区名称太长"),
        ({"question": "问" * 501}, 422, "question", "501 个字"),
        ({"question": "问" * 10_000}, 422, "question", "10000 个字"),
        ({"question": "问" * 10_001}, 413, "question", "没有处理"),
        ([], 422, "body", "JSON"),
        ("x", 422, "body", "JSON"),
    ],
)
def test_refusals_are_chinese_sentences_with_the_field(client, asked, status, field, words):
    response = client.post("/api/ask", json=asked)
    assert response.status_code == status
    assert response.json()["field"] == field
    assert words in response.json()["detail"]


def test_broken_json_is_said_so(client):
    response = client.post("/api/ask", content="{", headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["field"]) == (422, "body")


def test_huge_bodies_of_unknown_length_are_refused(client):
    response = client.post("/api/ask", content=(b"x" * 1024 for _ in range(65)))
    assert response.status_code == 413
    assert "没有处理" in response.json()["detail"]


def test_long_context_is_cut_not_refused(client):
    asked = {"question": "时限", "context": "前" * 2000}
    assert client.post("/api/ask", json=asked).json()["text"].count("前") == 500


def test_api_is_described_and_pages_are_not(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/api/ask"}
    assert set(paths["/api/ask"]) == {"get", "post"}
