"""Typed replies: what counts as a value, as `none`, and as unusable."""

from typing import Any

import pytest

from rlm_desk.rlm import typed


@pytest.mark.parametrize(
    ("reply", "kind", "value"),
    [
        ("4,250", "number", 4250),
        ("$4,250.50 a month", "number", 4250.5),
        ("-3", "number", -3),
        ("60 days", "number", 60),
        ("none", "number", None),
        ("None.", "text", None),
        ("Not stated", "text", None),
        ("N/A", "date", None),
        (" Tavenmoor ", "text", "Tavenmoor"),
        ("`QX-4821`", "text", "QX-4821"),
        ("2031-03-12", "date", "2031-03-12"),
        ("12 March 2031", "date", "2031-03-12"),
        ("Yes, it does.", "yes_no", True),
        ("no", "yes_no", False),
    ],
)
def test_values(reply: str, kind: str, value: Any) -> None:
    assert typed.parse(reply, kind) == value


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("12,2500", "number"),
        ("4,25", "number"),
        ("between 3 and 5", "number"),
        ("sixty", "number"),
        ("", "text"),
        ("someday", "date"),
        ("perhaps", "yes_no"),
    ],
)
def test_unusable_replies_are_asked_again(reply: str, kind: str) -> None:
    with pytest.raises(typed.Unusable):
        typed.parse(reply, kind)


def test_a_label_may_stand_in_a_sentence_but_only_one() -> None:
    labels = ("spam", "ham")
    assert typed.parse("SPAM.", "label", labels) == "spam"
    assert typed.parse("This is ham", "label", labels) == "ham"
    with pytest.raises(typed.Unusable):
        typed.parse("spam or ham", "label", labels)
