"""The blocking desk: what it does after its end, and that it can be ended twice."""

from pathlib import Path

import pytest

from rlm_desk import Desk
from rlm_desk.errors import UsageError


def test_a_closed_desk_says_so(tmp_path: Path) -> None:
    with Desk(data_dir=tmp_path / "data") as desk:
        assert len(desk.corpus.documents) == 0
    desk.close()
    with pytest.raises(UsageError, match="closed"):
        desk.load(tmp_path)
    with pytest.raises(UsageError, match="closed"):
        desk.ask("What is the fee?")
