"""Evidence as plain data for JSON. Field names are those of `Evidence`; spans are `[start, end]` in characters."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

from rlm_desk.corpus import Span
from rlm_desk.evidence.account import Evidence


def plain(evidence: Evidence) -> dict[str, Any]:
    """Everything in it, and the headline."""
    found: dict[str, Any] = _plain(evidence)
    return {"headline": evidence.headline, **found}


def as_json(evidence: Evidence) -> str:
    """One line: `{"evidence": {...}}`."""
    return json.dumps({"evidence": plain(evidence)}, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Span):
        return [value.start, value.end]
    if is_dataclass(value) and not isinstance(value, type):
        # A pattern is how a claim was looked up, of no use to others.
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.name != "pattern"}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value
