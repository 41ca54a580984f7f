"""A radix tree over token sequences: which known sequence shares the longest beginning with a new prompt.

Keys are the engine's sequence numbers (or entries of the host cache). Pure Python over numpy arrays; a match costs
about one comparison per edge walked, whatever the number of sequences.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]


@dataclass(eq=False, slots=True)
class _Node:
    edge: Tokens
    parent: "_Node | None"
    owners: set[int] = field(default_factory=set)
    children: dict[int, "_Node"] = field(default_factory=dict)


def common(a: Tokens, b: Tokens) -> int:
    """Length of the common beginning."""
    size = min(len(a), len(b))
    different = a[:size] != b[:size]
    at = int(different.argmax()) if size else 0
    return at if size and different[at] else size


class PrefixTree:
    """Sequences by their beginnings."""

    def __init__(self) -> None:
        self._root = _Node(np.empty(0, dtype=np.int32), None)
        self._leaf: dict[int, _Node] = {}

    def __contains__(self, key: int) -> bool:
        return key in self._leaf

    def __len__(self) -> int:
        return len(self._leaf)

    def insert(self, key: int, tokens: Tokens) -> None:
        """Add or replace a sequence; `tokens` is copied."""
        self.remove(key)
        node, rest = self._root, tokens
        while len(rest):
            child = node.children.get(int(rest[0]))
            if child is None:
                child = _Node(rest.copy(), node)
                node.children[int(rest[0])] = child
            shared = common(child.edge, rest)
            if shared < len(child.edge):
                child = self._split(child, shared)
            child.owners.add(key)
            node, rest = child, rest[shared:]
        self._leaf[key] = node

    def remove(self, key: int) -> None:
        """Forget a sequence; unknown keys are ignored."""
        node = self._leaf.pop(key, None)
        while node is not None and node.parent is not None:
            node.owners.discard(key)
            if not node.owners:
                del node.parent.children[int(node.edge[0])]
            node = node.parent

    def match(self, tokens: Tokens) -> list[tuple[int, set[int]]]:
        """(depth, keys that share that many tokens), deepest first; keys of a deeper row are in the later ones too."""
        found: list[tuple[int, set[int]]] = []
        node, depth = self._root, 0
        while depth < len(tokens):
            child = node.children.get(int(tokens[depth]))
            if child is None:
                break
            shared = common(child.edge, tokens[depth:])
            depth += shared
            found.append((depth, child.owners))
            if shared < len(child.edge):
                break
            node = child
        found.reverse()
        return found

    def _split(self, node: _Node, at: int) -> _Node:
        parent = node.parent
        if parent is None:
            raise ValueError("the root has no edge to split")
        upper = _Node(node.edge[:at].copy(), parent, set(node.owners))
        upper.children[int(node.edge[at])] = node
        parent.children[int(node.edge[0])] = upper
        node.edge = node.edge[at:].copy()
        node.parent = upper
        return upper
