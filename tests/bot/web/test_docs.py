"""``/docs`` tells the API as it is."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.web.docs import router
from bot.web.headers import CONTENT_SECURITY_POLICY
from bot.web.shapes import AnswerShape, Ask, RefusalShape
from tests.bot.admin.conftest import desk, desk_on, empty_store  # noqa: F401


@pytest.fixture
def page(client):
    app: FastAPI = client.app
    app.include_router(router(app.openapi, "政务公开小助手"))
    return TestClient(app).get("/docs")


def test_page_names_every_field_of_question_and_answer(page):
    assert page.status_code == 200
    named = re.findall(r"<dt><code>(\w+)</code>", page.text)
    for shape in (Ask, AnswerShape, RefusalShape):
        assert set(shape.model_fields) <= set(named)
    assert "POST /api/ask" in page.text
    assert "GET /api/ask" in page.text
    assert 'href="/openapi.json"' in page.text


def test_links_between_shapes_lead_somewhere(page):
    wanted = set(re.findall(r'href="#(\w+)">看', page.text))
    assert wanted == {"AnswerShape", "ChoiceShape", "RefusalShape", "SourceShape"}
    assert wanted <= set(re.findall(r'<h2 id="(\w+)"', page.text))


def test_the_whole_api_is_told(desk):  # noqa: F811
    page = desk.visitor().get("/docs")
    assert page.status_code == 200
    told = desk.app.openapi()
    for path in told["paths"]:
        assert path in page.text
    anchors = re.findall(r'href="#([\w-]+)"', page.text)
    known = re.findall(r'<h2 id="([\w-]+)"', page.text)
    assert len(known) == len(set(known))
    assert set(anchors) - {"main"} <= set(known)
    assert "Bearer 密钥" in page.text


def test_outermost_shape_comes_first(page):
    order = [name for name in re.findall(r'<h2 id="(\w+)"', page.text) if name.endswith("Shape")]
    assert order.index("AnswerShape") < order.index("ChoiceShape") < order.index("SourceShape")


def test_page_is_made_here_alone(page):
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert not re.search(r'(?:src|href)="https?:', page.text)


def test_example_of_the_page_works(page, client):
    body = re.search(r"-d '(\{.*\})'", page.text)
    assert body
    sent = body[1].replace("&#34;", '"')
    answered = client.post("/api/ask", content=sent, headers={"Content-Type": "application/json"})
    assert answered.status_code == 200


@pytest.mark.parametrize(
    "question", ["标准目录由谁来编制？", "低保", "时限", "哪里", "没有依据的事"]
)
def test_answers_have_the_shape_that_is_told(client, question):
    AnswerShape.model_validate(client.get("/api/ask", params={"question": question}).json())


def test_refusals_have_the_shape_that_is_told(client):
    RefusalShape.model_validate(client.get("/api/ask").json())
