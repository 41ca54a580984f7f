"""The names a dead cell would have bound, whatever its text is."""

import subprocess
import sys

import pytest

from rlm_desk.repl.binding import bound
from rlm_desk.repl.protocol import MAX_NAME, MAX_NAMES
from tests.escapes.denials import DYING


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("x = 1\ny=2\nx = 3", ("x", "y")),
        ("a, b = 1, 2\nc : int = 3\nd: list[int]=[]", ("a", "c", "d")),
        ("def f(x):\n    z = 1\nclass  G: pass", ("f", "G")),
        ("x == 1\nx.y = 2\nx[0] = 3\n_x = 4\nx += 1\nprint(x)", ()),
        ("a,\nb = 1, 2", ("b",)),
        ("a:\nb = 1", ("b",)),
    ],
)
def test_names_at_the_beginning_of_a_line(code: str, names: tuple[str, ...]) -> None:
    assert bound(code) == names


def test_there_are_no_more_and_no_longer_ones_than_a_session_has() -> None:
    assert bound("".join(f"a{i} = 1\n" for i in range(10_000))) == tuple(f"a{i}" for i in range(MAX_NAMES))
    assert bound(f"{'n' * MAX_NAME} = 1\n{'n' * (MAX_NAME + 1)} = 1") == ("n" * MAX_NAME,)


@pytest.mark.parametrize("name", DYING)
def test_a_megabyte_is_looked_through_in_one_pass(name: str) -> None:
    """In a process of its own: an expression that goes back would hold this one for hours."""
    code = f"from tests.escapes.denials import DYING\nfrom rlm_desk.repl.binding import bound\nbound(DYING[{name!r}])"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
