"""A profile that grows: what is not known yet is asked one or two at a time, with the reason, and "not now" is kept."""

from __future__ import annotations

from typing import Any

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.consent import purposes, records, services
from ecrm_server.consent.kind import Purpose, Question
from ecrm_server.consent.subject import Subject
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Refusal
from ecrm_server.kernel import current

LATER = 90 * clock.DAY
AT_ONCE = 2
YES, NO = "yes", "no"

_PUT_OFF = Prepared("SELECT question FROM question_put_off WHERE account_id = ? AND until > ?")
_LATER = Prepared(
    "INSERT INTO question_put_off (account_id, question, until) VALUES (?, ?, ?)"
    " ON CONFLICT (account_id, question) DO UPDATE SET until = excluded.until"
)
_ALL_PUT_OFF = Prepared("SELECT question, until FROM question_put_off WHERE account_id = ? ORDER BY question")
_FORGET = Prepared("DELETE FROM question_put_off WHERE account_id = ?")
_SWEEP = Prepared(
    "DELETE FROM question_put_off WHERE (account_id, question) IN"
    " (SELECT account_id, question FROM question_put_off WHERE until < ? LIMIT ?)"
)


def every() -> dict[str, Question]:
    """Every question by its key: those that parts declare, and the consents that are asked for as one."""
    declared = sorted(current.generation().registry.profile_questions.values(), key=lambda item: item.order)
    asked = (
        of_purpose(item) for item in purposes.every().values() if "profile" in item.asked and item.is_choice
    )
    return {question.key: question for question in (*declared, *asked)}


def of_purpose(purpose: Purpose) -> Question:
    """A consent as a question: a yes is recorded with its words, a no is remembered, so that it is not asked again."""

    def answered(account_id: int) -> bool:
        state = records.state(Subject(account_id), purpose.key)
        return state is not None and (not state["given"] or state["version"] == purpose.version)

    def save(actor: Actor, value: str) -> None:
        decide = services.give if value == YES else services.withdraw
        decide(actor, purpose.key, source="profile", place="/me")

    return Question(
        key=purpose.key, title=purpose.wording, why=purpose.about, answered=answered, save=save,
        choices=lambda: [(YES, "Yes"), (NO, "No")], order=90,
    )  # fmt: skip


def open_ones(account_id: int, limit: int = AT_ONCE) -> list[Question]:
    """What a person is asked now: the first few that are neither answered nor put off."""
    put_off = {row[0] for row in _PUT_OFF.tuples(account_id, clock.now())}
    found: list[Question] = []
    for question in every().values():
        if len(found) < limit and question.key not in put_off and not question.answered(account_id):
            found.append(question)
    return found


def answer(actor: Actor, key: str, value: str) -> None:
    """Store an answer. Raises Refusal for one that does not fit."""
    question = _find(key)
    if question.choices is not None and value not in [choice for choice, _ in question.choices()]:
        raise Refusal("Choose one of the list.", field="answer")
    if not value:
        raise Refusal("Write an answer, or choose not to answer now.", field="answer")
    with transaction():
        question.save(actor, value)


def put_off(actor: Actor, key: str) -> None:
    """Not now: the question comes again in three months."""
    _find(key)
    assert actor.account_id is not None
    with transaction():
        _LATER.run(actor.account_id, key, clock.now() + LATER)


def _find(key: str) -> Question:
    found = every().get(key)
    if found is None:
        raise Refusal("This is not asked any more.", field="question")
    return found


def listed(account_id: int) -> list[dict[str, Any]]:
    """What a person put off, for the export."""
    return _ALL_PUT_OFF.rows(account_id)


def forget(account_id: int) -> None:
    """Forget what a person put off."""
    _FORGET.run(account_id)


def sweep(before: int, limit: int) -> int:
    """Forget what was put off and may be asked again long since."""
    return _SWEEP.run(before, limit)
