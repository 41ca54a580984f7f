"""SQLite: documents, runs, events, texts, sub-answer cache."""

from rlm_desk.store.store import Store
from rlm_desk.store.summary import RunSummary

__all__ = ["RunSummary", "Store"]
