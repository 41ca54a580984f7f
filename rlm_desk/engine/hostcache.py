"""Keys and values that had to leave the cache, kept in ordinary memory: copied back far sooner than computed anew."""

from collections import OrderedDict

from rlm_desk.engine.diskcache import DiskCache
from rlm_desk.engine.jobs import Tokens
from rlm_desk.engine.prefix import PrefixTree


class HostCache:
    """Saved ranges of sequences, by the tokens that lead to them, least recently used out first.

    One cache belongs to one loaded model and context: keys and values of another model, adapter, KV type or rope
    setting never get in, because the worker that holds it is started anew for each.
    """

    def __init__(self, limit: int, worth: int = 64, disk: DiskCache | None = None) -> None:
        """`limit`: bytes kept at most. `worth`: tokens below which saving is not worth it. `disk` keeps all of it too,
        and knows what earlier sessions read."""
        self._disk = disk
        self.limit, self.worth = limit, worth
        self.bytes = 0
        self._entries: OrderedDict[int, tuple[Tokens, int, bytes]] = OrderedDict()
        self._tree = PrefixTree()
        self._next = 0

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, tokens: Tokens, start: int, blob: bytes) -> None:
        """Keep positions start..len(tokens) of the sequence `tokens`."""
        if self._disk is not None:
            self._disk.put(tokens, start, blob)
        if len(blob) > self.limit:
            return
        key = self._next
        self._next += 1
        self._entries[key] = (tokens, start, blob)
        self._tree.insert(key, tokens)
        self.bytes += len(blob)
        while self.bytes > self.limit:
            self._remove(next(iter(self._entries)))

    def reach(self, tokens: Tokens, have: int) -> int:
        """How far entries continue `tokens` from `have`, one after the other; `have` when none does.

        Only what `find` will give again counts: an entry that continues by less than is worth it would leave a hole
        between what is restored and what was saved behind it. The entries count as used: what is not saved because of
        them must not go with them soon.
        """
        found = self._tree.match(tokens)
        while True:
            usable = ((depth, key) for depth, keys in found for key in keys if self._entries[key][1] <= have)
            depth, key = max(usable, default=(0, -1))
            if depth < have + self.worth:
                return have
            self._entries.move_to_end(key)
            have = depth

    def find(self, tokens: Tokens, have: int) -> tuple[bytes, int, int, int] | None:
        """(blob, start, end, depth): an entry that continues `tokens` from at most `have` to `depth`, the deepest."""
        for depth, keys in self._tree.match(tokens):
            if depth < have + self.worth:
                break
            for key in keys:
                entry, start, blob = self._entries[key]
                if start <= have:
                    self._entries.move_to_end(key)
                    return blob, start, len(entry), depth
        return self._disk.find(tokens, have) if self._disk is not None else None

    def clear(self) -> None:
        """Erase everything."""
        for key in list(self._entries):
            self._remove(key)

    def _remove(self, key: int) -> None:
        _, _, blob = self._entries.pop(key)
        self._tree.remove(key)
        self.bytes -= len(blob)
