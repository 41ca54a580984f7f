"""How much memory a session over a text may take."""

from rlm_desk.confine.policies import MIB

ORDINARY = 1024 * MIB
"""Bytes of address space that a worker is locked to where nothing more is asked: a spare among them."""


def needed(text: str) -> int:
    """Bytes of address space: a fresh Python, and the text several times, as its code will copy it."""
    return max(ORDINARY, 512 * MIB + 6 * _held(text))


def _held(text: str) -> int:
    """Bytes a str holds its characters in: one curly quote doubles it, one emoji quadruples it."""
    if text.isascii():
        return len(text)
    return len(text) * (1 if max(text) < "\u0100" else 2 if max(text) < "\U00010000" else 4)
