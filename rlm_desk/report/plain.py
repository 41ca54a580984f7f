"""Evidence as plain data for JSON. Field names are those of `Evidence`; spans are `[start, end]` in characters."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

from rlm_desk.corpus import Span
from rlm_desk.evidence.account import Evidence
from rlm_desk.report.material import STRIP, Material


def plain(evidence: Evidence) -> dict[str, Any]:
    """Everything in it, and the headline."""
    found: dict[str, Any] = _plain(evidence)
    return {"headline": evidence.headline, **found}


def report(made: Material) -> str:
    """A whole report as indented JSON: evidence, tree, model, usage and settings."""
    started = made.view.started
    found = {
        "format": "rlm-desk report 1",
        "evidence": plain(made.evidence),
        "label": made.label,
        "strips": [
            [cell.state for cell in made.evidence.strip(made.corpus, one.index, STRIP)]
            for one in made.evidence.documents
        ],
        "tree": [{"depth": depth, "text": text} for depth, text in made.tree()],
        "run": started.model_dump() if started else {},
        "facts": dict(made.facts()),
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode("utf-8", "replace").decode("utf-8") + "\n"


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
