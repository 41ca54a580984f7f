"""Hostile documents, made by code: what each is, and what it would do to a reader that trusts it."""

from tests.escapes.documents import office, plain, portable
from tests.escapes.documents.made import MADE

__all__ = ["MADE", "office", "plain", "portable"]
