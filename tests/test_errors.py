"""Errors as a person meets them."""

import pytest

from rlm_desk.errors import DocumentError, ModelError


@pytest.mark.parametrize("name", ["a\x1b]52;c;eA==\x07.pdf", "a\x9b2J.pdf", "a\u202egnp.pdf", "\udc9b.pdf"])
def test_a_hostile_name_in_an_error_is_safe_to_print(name: str) -> None:
    problem = DocumentError(f"{name} cannot be read.", f"Move {name} away.")
    assert all(character.isprintable() for character in problem.sentence + problem.next_step)
    assert "cannot be read." in str(problem)


def test_a_name_with_a_line_break_forges_no_line_of_ours() -> None:
    problem = ModelError("a\nrlm-desk: all is well.gguf is damaged.")
    assert "\n" not in problem.sentence
