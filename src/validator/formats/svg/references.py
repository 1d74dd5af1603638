"""Computes how far `use` elements expand a drawing (SVG 2, section 5.6): SVG's kind of decompression bomb."""

from validator.formats.verdict import RefusedError

_MAX_DRAWN = 5_000_000


class References:
    """Counts elements per nearest ancestor with an id, and records which of these are drawn by which."""

    def __init__(self) -> None:
        self._open = [""]
        self._own = {"": 0}
        self._draws: dict[str, list[str]] = {"": []}
        self._used = False

    def open(self, identifier: str, target: str) -> None:
        """Enters an element; `target` is the id of the element that it draws again, or ""."""
        owner = self._open[-1]
        if identifier and identifier not in self._own:
            self._draws[owner].append(identifier)
            owner = identifier
            self._own[owner] = 0
            self._draws[owner] = []
        self._open.append(owner)
        self._own[owner] += 1
        if target:
            self._used = True
            self._draws[owner].append(target)

    def close(self) -> None:
        """Leaves the element."""
        self._open.pop()

    def refuse_bomb(self) -> None:
        """Refuses a drawing that expands to too many elements. Circular references count once, as in browsers."""
        if not self._used:
            return
        drawn: dict[str, int] = {}
        pending = [("", False)]
        entered: set[str] = set()
        while pending:
            owner, complete = pending.pop()
            if complete:
                drawn[owner] = self._own[owner] + sum(drawn.get(part, 0) for part in self._draws[owner])
                if drawn[owner] > _MAX_DRAWN:
                    raise RefusedError("decompression_bomb", f"The drawing grows to more than {_MAX_DRAWN:,} elements.")
            elif owner in self._own and owner not in entered:
                entered.add(owner)
                pending.append((owner, True))
                pending.extend((part, False) for part in self._draws[owner])
