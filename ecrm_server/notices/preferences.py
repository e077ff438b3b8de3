"""What each person wants to hear of, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.kernel import current
from ecrm_server.notices.kind import NoticeKind

SITE, MAIL = "site", "mail"
CHANNELS = (SITE, MAIL)
"""Channels in the order of the preferences page; push and digest will stand beside them."""

_OF_ACCOUNT = Prepared("SELECT kind, channel, wanted FROM notice_preference WHERE account_id = ?")
_SAVE = Prepared(
    "INSERT INTO notice_preference (account_id, kind, channel, wanted) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (account_id, kind, channel) DO UPDATE SET wanted = excluded.wanted"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of the preferences page: a kind and which channels are on."""

    kind: NoticeKind
    on: frozenset[str]


def decisions(account_ids: Iterable[int], kind: str) -> dict[int, dict[str, bool]]:
    """What some people decided about one kind: account -> channel -> wanted."""
    ids = list(account_ids)
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    found: dict[int, dict[str, bool]] = {}
    select = Prepared(
        f"SELECT account_id, channel, wanted FROM notice_preference WHERE kind = ? AND account_id IN ({marks})"
    )
    for account_id, channel, wanted in select.tuples(kind, *ids):
        found.setdefault(account_id, {})[channel] = bool(wanted)
    return found


def channels_of(kind: NoticeKind, decided: Mapping[str, bool]) -> frozenset[str]:
    """The channels on which a person hears of a kind."""
    if kind.required:
        return frozenset(kind.default)
    return frozenset(channel for channel in CHANNELS if decided.get(channel, channel in kind.default))


def matrix(account_id: int) -> list[Choice]:
    """Every kind with the person's choice, in the order of titles."""
    decided: dict[str, dict[str, bool]] = {}
    for row in _OF_ACCOUNT.rows(account_id):
        decided.setdefault(row["kind"], {})[row["channel"]] = bool(row["wanted"])
    declared = current.generation().registry.notice_kinds.values()
    kinds = sorted(declared, key=lambda kind: (kind.required, str(kind.title)))
    return [Choice(kind, channels_of(kind, decided.get(kind.name, {}))) for kind in kinds]


def decide(account_id: int, kind: str, channel: str, wanted: bool) -> None:
    """Switch one kind on or off on one channel. Raises NotFound, or Refusal for a required kind."""
    declared = current.generation().registry.notice_kinds.get(kind)
    if declared is None or channel not in CHANNELS:
        raise NotFound()
    if declared.required:
        raise Refusal("These notices cannot be switched off.")
    _SAVE.run(account_id, kind, channel, wanted)


def save(account_id: int, chosen: Iterable[tuple[str, str]]) -> None:
    """Store the whole matrix; ``chosen`` holds the (kind, channel) pairs that are on."""
    on = set(chosen)
    with transaction():
        for choice in matrix(account_id):
            if choice.kind.required:
                continue
            for channel in CHANNELS:
                wanted = (choice.kind.name, channel) in on
                if wanted != (channel in choice.on):
                    _SAVE.run(account_id, choice.kind.name, channel, wanted)


def stored(account_id: int) -> list[dict[str, Any]]:
    """A person's decisions as plain data, for the export."""
    return [dict(row, wanted=bool(row["wanted"])) for row in _OF_ACCOUNT.rows(account_id)]
