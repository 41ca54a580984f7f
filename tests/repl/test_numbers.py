"""`number`."""

import pytest

from rlm_desk.repl.numbers import number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4,250", 4250),
        ("$4,250.50", 4250.5),
        ("14 agreements", 14),
        ("none", None),
        ("", None),
        (None, None),
        (True, None),
        (7, 7),
        (2.5, 2.5),
        ("-5", -5),
        ("−5 degrees", -5),
        ("-$1,200", -1200),
        ("EUR 1,250,000", 1250000),
        ("€4.250,50", 4250.5),
        ("1.250.000", 1250000),
        ("5%", 5),
        ("4.2 million", 4200000),
        ("$3M", 3000000),
        ("12k", 12000),
        ("12 months", 12),
        ("5 m", 5),
        ("between 3 and 5", 3),
        ("The fee is 14.0", 14),
        ("contract GB250", None),
        ("1\u202f250", 1250),
        ("30 days'", 30),
        (".5", 0.5),
    ],
)
def test_the_number_a_text_names(text: object, value: float | None) -> None:
    found = number(text)
    assert found == value and type(found) is type(value)
