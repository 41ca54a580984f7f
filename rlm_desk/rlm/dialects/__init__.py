"""Dialects: the prompt and reply format a model was trained for. Data plus a parser, one per family."""

from rlm_desk.errors import ModelError
from rlm_desk.rlm.dialects.base import Dialect
from rlm_desk.rlm.dialects.desk import DeskDialect
from rlm_desk.rlm.dialects.profiles import PROFILES
from rlm_desk.rlm.dialects.rlm_v1 import RlmV1Dialect


def get(dialect: str, profile: str) -> Dialect:
    """The dialect a catalogue entry names.

    Raises:
        ModelError: no such dialect or profile.
    """
    if dialect == "rlm-v1":
        return RlmV1Dialect()
    if dialect == "desk" and profile in PROFILES:
        return DeskDialect(PROFILES[profile])
    raise ModelError(
        f"No dialect {dialect!r} with profile {profile!r}.", "Use dialect desk (profile full or small) or rlm-v1."
    )
