"""JSON that is sound, broken, very deep, very long."""

import json

from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.documents.extracted import Extracted
from rlm_desk.documents.readers import records


def read(text: str, name: str = "a.json") -> Extracted:
    return records.read(text.encode(), name, lambda done, total: None)


def test_a_broken_value_is_read_as_text_and_the_place_is_named() -> None:
    found = read('{"fee": 40,\n "due": }\n')
    assert found.text == '{"fee": 40,\n "due": }\n' and found.page_kind == "lines"
    assert found.notes == ["It is not valid JSON (line 2, character 9), and is read as text."]
    assert read('{"fee": 40,\n "due": 3}\n').notes == []


def test_bad_lines_among_records_are_named() -> None:
    found = read('{"a": 1}\n{"b"\n\n{"c": 3}\n', "a.jsonl")
    assert found.page_kind == "records" and found.notes == ["Line 2 is not valid JSON, and is read as text."]
    found = read('{"a": 1}\n{"b": 2}\nno\n{"c": 3}\nneither\n')  # by its lines, whatever its name says
    assert found.page_kind == "records"
    assert found.notes == ["2 lines are not valid JSON (the first is line 3), and are read as text."]
    assert read('{"a": 1}\n', "a.jsonl").notes == []


def test_what_is_deep_or_has_long_numbers_is_not_called_invalid() -> None:
    deep = "[" * 5000 + "]" * 5000
    assert read(deep).text == deep
    assert read(deep).notes == ["It is nested too deep to be checked, and is read as text."]
    assert read(f"{deep}\n[1]\n", "a.jsonl").notes == []
    assert read("9" * 1900).notes == []
    assert read(json.dumps([1]) + "\n" + "[" + "9" * 5000 + "]", "a.jsonl").notes == []


def test_one_long_line_is_indented_and_nothing_of_it_changes() -> None:
    long = '{"fee": 1.10, "fee": 2e400, "name": "M\\u00fcller", "none": [], "all": [1' + ", 2" * 1000 + "]}"
    found = read(long)
    assert found.notes == ["It was written on one line, and is shown indented."]
    assert found.text.startswith('{\n "fee": 1.10,\n "fee": 2e400,\n "name": "Müller",\n "none": [],\n "all": [\n  1,')


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_indented_is_what_the_standard_library_writes(value: object) -> None:
    assert records.indented(json.dumps(value)) == json.dumps(value, indent=1, ensure_ascii=False)
