"""Reports of a run: complete, and inert whatever the documents and the model say."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.evidence.account import gather
from rlm_desk.report.markdown import markdown
from rlm_desk.report.material import Material, material
from rlm_desk.report.page import html
from rlm_desk.report.plain import report
from tests.evidence.recording import CORPUS, Recording

ALLOWED = frozenset(
    "html head meta title style body main h1 h2 p div b blockquote mark table thead tr th td i pre ul li span".split()
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "<!--", "]]>", "javascript:alert(1)", "![x](http://evil.example/x)", "[a](http://evil.example)",
    "<iframe src=//evil.example>", "&lt;b&gt;", "\u202eevil", "\x1b[31m", "| a | b |", "```", "# head",
)  # fmt: skip


class Seen(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")


def made(answer: str = "Brenvale Logistics pays EUR 4,200.", question: str = "What is the annual fee?") -> Material:
    recording = Recording(question=question, skipped=(question,))
    recording.call(2, 0, "4,200", asked=answer)
    recording.finish(answer)
    return material(gather(CORPUS, recording.recorded), CORPUS, recording.recorded)


def test_a_page_says_everything() -> None:
    text = "".join(Seen(html(made())).text)
    for part in ("What is the annual fee?", "EUR 4,200", "verified in [1]", "read 5 of 15 pages", "Left out"):
        assert part in text
    assert "Harbour/Brenvale Logistics.txt, p. 3" in text


def test_markdown_and_json_say_the_same() -> None:
    text = markdown(made())
    assert "## Sources" in text
    assert "**4,200**" in text
    found = json.loads(report(made()))
    assert found["evidence"]["sources"][0]["name"] == "Harbour/Brenvale Logistics.txt"
    assert found["run"]["model"]["name"] == "m"
    assert len(found["strips"]) == 3


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=30), min_size=1, max_size=6).map(" ".join))
def test_hostile_text_stays_text(text: str) -> None:
    page = html(made(text, text))
    seen = Seen(page)
    assert set(seen.tags) <= ALLOWED
    assert seen.tags.count("meta") == 4
    names = {name for name, _ in seen.attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "class"}
    assert "default-src 'none'" in page


@given(st.sampled_from(HOSTILE))
def test_hostile_text_is_no_markdown(text: str) -> None:
    page = markdown(made(f"It is {text}", text))
    for mark in ("<script", "<img", "<svg", "<iframe", "](http", "![x", "\x1b", "\u202e"):
        assert not re.search(rf"(?<!\\){re.escape(mark)}", page)  # what is escaped stays text


def test_of_too_many_documents_those_that_were_read_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_desk.report.material.DOCUMENTS", 1)
    page, text = html(made()), markdown(made())
    for one in (page, text):
        assert "2 more documents are not listed here" in one
    assert "<td>Harbour/Brenvale Logistics.txt</td>" in page
    assert page.count("<tr><td>Harbour") == 1
