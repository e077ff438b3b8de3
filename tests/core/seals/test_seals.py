from __future__ import annotations

import threading
from typing import Any

import pytest

from ecrm_server import data
from ecrm_server.access import Actor
from ecrm_server.audit import services as audit
from ecrm_server.audit.models import CHAIN
from ecrm_server.data.append_only import changeable
from ecrm_server.seals import verify as verifying
from ecrm_server.seals.sealer import Sealer
from ecrm_server.seals.services import seal_pending, verify

ADA = Actor(account_id=7, name="Ada")


def record(action: str = "test.done", **more: Any) -> str:
    with data.transaction():
        return audit.record(action, actor=ADA, obj_kind="thing", obj_uid="x", **more)


@pytest.fixture
def sealed(db: Any) -> list[str]:
    """Five records in two seals, and a database whose guards somebody has taken off."""
    uids = [record(note=f"note {number}") for number in range(3)]
    seal_pending(CHAIN)
    uids += [record() for _ in range(2)]
    seal_pending(CHAIN)
    changeable(db, "audit_entry")
    changeable(db, "seal")
    return uids


def faults() -> list[tuple[str, int, str]]:
    return [(fault.kind, fault.seal, fault.record) for fault in verify(CHAIN).faults]


def test_an_untouched_chain_verifies(sealed: list[str]) -> None:
    report = verify(CHAIN)
    assert report.ok
    assert (report.seals, report.records, report.pending) == (2, 5, 0)


def test_an_altered_record_is_named(sealed: list[str]) -> None:
    data.Prepared("UPDATE audit_entry SET action = 'test.nothing' WHERE uid = ?").run(sealed[1])
    assert faults() == [("altered", 1, sealed[1])]


def test_an_altered_personal_field_is_named(sealed: list[str]) -> None:
    data.Prepared("UPDATE audit_entry SET actor_name = 'Eve' WHERE uid = ?").run(sealed[2])
    assert faults() == [("altered", 1, sealed[2])]


def test_a_removed_record_is_named(sealed: list[str]) -> None:
    data.Prepared("DELETE FROM audit_entry WHERE uid = ?").run(sealed[4])
    assert faults() == [("removed", 2, sealed[4])]


def test_a_record_slipped_into_an_old_seal_is_named(sealed: list[str]) -> None:
    late = record()
    data.Prepared("UPDATE audit_entry SET seal = 1 WHERE uid = ?").run(late)
    assert faults() == [("inserted", 1, late)]


def test_a_record_moved_to_a_seal_that_does_not_exist_is_named(sealed: list[str]) -> None:
    data.Prepared("UPDATE audit_entry SET seal = 9 WHERE uid = ?").run(sealed[0])
    assert ("removed", 1, sealed[0]) in faults()
    assert ("inserted", 9, sealed[0]) in faults()


def test_a_rewritten_record_with_a_rewritten_seal_breaks_the_chain(sealed: list[str]) -> None:
    data.Prepared("DELETE FROM audit_entry WHERE uid = ?").run(sealed[0])
    data.Prepared("UPDATE seal SET records = '[]' WHERE number = 1").run()
    assert ("seal", 1, "") in faults()


def test_seals_cut_off_at_the_end_are_noticed(sealed: list[str]) -> None:
    head = verify(CHAIN).head
    data.Prepared("DELETE FROM audit_entry WHERE seal = 2").run()
    data.Prepared("DELETE FROM seal WHERE number = 2").run()
    assert faults() == [("seal", 2, "")]
    # Even when the head was set back as well, whoever noted it finds out.
    first = data.Prepared("SELECT digest FROM seal WHERE number = 1").value()
    data.Prepared("UPDATE seal_chain SET number = 1, digest = ?").run(first)
    assert verify(CHAIN).ok
    assert not verify(CHAIN, noted_head=head).ok


def test_erasing_personal_fields_with_their_salt_leaves_the_seal_valid(db: Any) -> None:
    uid = record(note="born in 1815", after={"city": "London"})
    seal_pending(CHAIN)
    data.Prepared(
        "UPDATE audit_entry SET actor_name = NULL, actor_salt = NULL, detail_salt = NULL, before = NULL,"
        " after = NULL, note = NULL WHERE uid = ?"
    ).run(uid)
    assert verify(CHAIN).ok


def test_the_database_refuses_to_change_or_delete_a_record(db: Any) -> None:
    uid = record()
    seal_pending(CHAIN)
    for sql in (
        "UPDATE audit_entry SET action = 'test.nothing' WHERE uid = ?",
        "DELETE FROM audit_entry WHERE uid = ?",
    ):
        with pytest.raises(Exception, match="append-only"), data.transaction():
            data.Prepared(sql).run(uid)
    assert verify(CHAIN).ok


def test_a_record_that_commits_late_with_a_smaller_id_is_sealed_too(postgres_db: Any) -> None:
    written, may_commit = threading.Event(), threading.Event()
    early: list[str] = []

    def slow_writer() -> None:
        with postgres_db.connection_context(), data.transaction():
            early.append(audit.record("test.early", actor=ADA))
            written.set()
            assert may_commit.wait(10)

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert written.wait(10)
    late = record("test.late")
    assert seal_pending(CHAIN) == 1
    may_commit.set()
    writer.join(10)
    assert seal_pending(CHAIN) == 1
    order = data.Prepared("SELECT uid FROM audit_entry ORDER BY id").tuples()
    assert [uid for (uid,) in order] == [early[0], late]
    by_seal = data.Prepared("SELECT uid, seal FROM audit_entry ORDER BY seal").tuples()
    assert by_seal == [(late, 1), (early[0], 2)]
    assert verify(CHAIN).ok


def test_two_processes_sealing_at_once_make_one_chain(postgres_db: Any) -> None:
    for _ in range(20):
        record()
    start = threading.Barrier(2)

    def seal() -> None:
        with postgres_db.connection_context():
            start.wait(10)
            for _ in range(5):
                seal_pending(CHAIN)
                record()

    sealers = [threading.Thread(target=seal) for _ in range(2)]
    for each in sealers:
        each.start()
    for each in sealers:
        each.join(20)
    seal_pending(CHAIN)
    report = verify(CHAIN)
    assert report.ok, report.faults
    assert report.records == 30


def test_a_stopping_server_seals_what_it_wrote(db: Any) -> None:
    sealer = Sealer()
    sealer.start()
    record()
    sealer.stop()
    assert verify(CHAIN).pending == 0


def test_nobody_seals_while_a_chain_is_verified(postgres_db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The head that was read first would not fit a seal made meanwhile: a false alarm."""
    record()
    seal_pending(CHAIN)
    record()
    sealing = threading.Thread(target=lambda: _seal_apart(postgres_db))
    read = verifying._records

    def slowly(*args: Any) -> None:
        read(*args)
        if not sealing.ident:
            sealing.start()
            sealing.join(0.5)

    monkeypatch.setattr(verifying, "_records", slowly)
    report = verify(CHAIN)
    sealing.join(10)
    assert (report.faults, report.seals, report.pending) == ([], 1, 1)
    assert verify(CHAIN).seals == 2


def _seal_apart(db: Any) -> None:
    with db.connection_context():
        seal_pending(CHAIN)


def test_a_missing_head_is_noticed(sealed: list[str]) -> None:
    data.Prepared("DELETE FROM seal_chain").run()
    assert faults() == [("seal", 2, "")]
