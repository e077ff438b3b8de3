"""What was done, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Counts(dict[str, int]):
    """name -> number, in the order in which the names came."""

    @classmethod
    def of(cls, names: Iterable[str] = (), known: Mapping[str, int] | None = None) -> Counts:
        """Names that are shown even when they count nothing, and numbers known from before."""
        counts = cls(dict.fromkeys(names, 0))
        counts.update(known or {})
        return counts

    def add(self, name: str, number: int = 1) -> None:
        """Count."""
        self[name] = self.get(name, 0) + number

    def lines(self) -> list[str]:
        """``name: number`` in plain digits, for people and scripts."""
        return [f"{name}: {number}" for name, number in self.items()]
