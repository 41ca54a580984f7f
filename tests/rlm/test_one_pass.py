"""Replies and documents are strangers' text: the app's process looks through each in one pass, however it is made."""

import subprocess
import sys

import pytest

LONG = 190_000
"""Characters; each of these took minutes or hours where an expression went back over them."""
HOSTILE = {
    "a name and blanks": "reply.actions('a' + ' ' * LONG + '!')",
    "a name, blanks and ticks": "reply.actions('a' + ' ' * LONG + '``')",
    "a call that is none": "reply.actions('a.b' * (LONG // 3) + '!')",
    "fences": "reply.actions('```\\na\\n```\\n' * (LONG // 10))",
    "fences in strings": 'reply.actions(\'```\\n"""\\n```\\n\' * (LONG // 12))',
    "finishes": "reply.actions('FINAL(\\n' * (LONG // 7))",
    "calls": "reply.actions('<tool_call>{' * (LONG // 12))",
    "digits": "typed.parse('1' * LONG + ',1', 'number')",
    "groups of digits": "typed.parse('1' + ',111' * (LONG // 4) + ',1', 'number')",
    "digits in a document": "typed.extract('number', '1' * LONG + ',1')",
    "no date": "typed.parse('1' + ' ' * LONG + 'x', 'date')",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_long_text_is_read_in_one_pass(name: str) -> None:
    """In a process of its own: an expression that goes back would hold this one."""
    code = (
        "from contextlib import suppress\nfrom rlm_desk.rlm import typed\nfrom rlm_desk.rlm.dialects import reply\n"
        f"LONG = {LONG}\nwith suppress(typed.Unusable):\n    {HOSTILE[name]}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
