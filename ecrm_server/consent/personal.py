"""What consents, visits and questions hold about a person: exported, forgotten, and kept for how long."""

from __future__ import annotations

from typing import Any

from ecrm_server.consent import questions, records, visits
from ecrm_server.consent.subject import Subject
from ecrm_server.privacy.kind import Retention

_COLUMNS = ("purpose", "decision", "basis", "source", "place", "version", "wording", "digest", "at")


def export(account_id: int) -> dict[str, Any]:
    """Every decision, visit and question put off."""
    return {
        "consents": [{name: row[name] for name in _COLUMNS} for row in records.history(account_id)],
        "visits": visits.listed(Subject(account_id), records.EVERYTHING),
        "questions put off": questions.listed(account_id),
    }


def erase(account_id: int) -> None:
    """Forget visits, questions and present consents. The log stays: it names an account that is nobody's any more."""
    visits.forget(Subject(account_id))
    records.forget_states(Subject(account_id))
    questions.forget(account_id)


RETENTION = [
    Retention(
        table="consent_record", holds="What you agreed to and withdrew, in which words and when",
        why="The law asks us to prove that you agreed.",
        fixed="as long as the site; after erasure it names nobody",
    ),
    Retention(
        table="consent_state", holds="What a visitor without an account agrees to",
        why="Nothing is recorded without it. With an account it is kept as long as that.",
        days=200, least=180, most=400, sweep=records.forget_visitors,
    ),
    Retention(
        table="visit", holds="Your visits: source, search term, first page, pages",
        why="You agreed to it.", days=180, most=730, sweep=visits.sweep,
    ),
    Retention(table="visit_page", holds="The pages of your visits", why="You agreed to it.", fixed="with their visit"),
    Retention(
        table="question_put_off", holds="Questions you did not want to answer then",
        why="We do not ask again too soon.",
        days=90, sweep=questions.sweep,
    ),
]  # fmt: skip
