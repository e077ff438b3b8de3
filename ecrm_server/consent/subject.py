"""Who decides: an account, or a visitor who has none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """Exactly one of the two. ``visitor`` is the hash of the random id in the visitor's cookie."""

    account_id: int | None = None
    visitor: str | None = None

    def __post_init__(self) -> None:
        if (self.account_id is None) == (self.visitor is None):
            raise ValueError("A subject is an account or a visitor.")

    @property
    def column(self) -> str:
        """The column by which tables know the subject."""
        return "visitor" if self.account_id is None else "account_id"

    @property
    def key(self) -> int | str:
        """The value of that column."""
        found = self.visitor if self.account_id is None else self.account_id
        assert found is not None
        return found
