"""Values of attributes, problems, ids, profiles in bulk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import peewee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrm_server.data import Prepared, database, transaction
from ecrm_server.data.bulk import by_index, insert_many, select_by_key
from ecrm_server.errors import UnfitValue
from ecrm_server.identity.community import CommunityPerson, CommunityProfiles
from ecrm_server.importing import records
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.problems import Problem, write_error_file
from ecrm_server.importing.uids import imported_uid
from ecrm_server.kernel.site import Site

READERS = (records.integer, records.small, records.moment, records.boolean, records.filled)


def test_times_are_naive_utc() -> None:
    assert records.moment("2010-08-25T19:50:51.187") == 1_282_765_851_187
    assert records.moment("2010-08-25T19:50:51") == 1_282_765_851_000


@pytest.mark.parametrize("text", ["2010-13-25T19:50:51", "2010-08-25", "", "2010-08-25T19:50:51+02:00", "0"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time such as"):
        records.moment(text)


@pytest.mark.parametrize("text", ["", "1.5", "٣", "1e3", " 1", "0x1", "9" * 30])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no whole number"):
        records.integer(text)


@given(st.text(max_size=60))
def test_no_text_makes_a_reader_fail_otherwise(text: str) -> None:
    for read in READERS:
        try:
            read(text)
        except ValueError as error:
            assert str(error).startswith("is ")  # noqa: PT017  (half of the texts are fine)


def test_an_error_file_holds_no_formula(tmp_path: Path) -> None:
    write_error_file(
        tmp_path / "errors.csv", [Problem("=cmd()", "@row", "-1+1"), Problem("a", "b", 'c, "d"')]
    )
    lines = (tmp_path / "errors.csv").read_text("utf-8").splitlines()
    assert lines[1:] == ["'=cmd(),'@row,'-1+1", 'a,b,"c, ""d"""']


def test_counts_keep_their_order_and_print_plain_digits() -> None:
    counts = Counts.of(["read", "written"])
    counts.add("skipped")
    counts.add("read", 12_345)
    assert counts.lines() == ["read: 12345", "written: 0", "skipped: 1"]


def test_ids_are_the_same_in_every_run_and_differ_by_source() -> None:
    assert imported_uid("a.example", "post/1") == imported_uid("a.example", "post/1")
    keys = [imported_uid(site, f"{kind}/{n}") for site in "ab" for kind in ("post", "x") for n in range(500)]
    assert len(set(keys)) == 2000
    assert {len(key) for key in keys} == {12}


def person(key: int, name: str) -> CommunityPerson:
    uid = imported_uid("there", f"user/{key}")
    return CommunityPerson(uid, str(key), name, f"https://there.example/{key}", 5)


def test_profiles_get_handles_of_their_own(both_engines: str, site: Site) -> None:
    names = ["Ada", "ada", "ADA", "admin", "Ada 2", "ada-2", "日本", "Ada"]
    people = [person(key, name) for key, name in enumerate(names)]
    with transaction():
        assert CommunityProfiles("there").store(people[:4]) == (4, 0)
    with transaction():
        assert CommunityProfiles("there").store(people) == (4, 0)
    handles = [handle for (handle,) in Prepared("SELECT handle FROM profile ORDER BY id").tuples()]
    assert handles[:4] == ["ada", "ada-2", "ada-3", "admin-2"]
    assert len(set(handles)) == len(names)


def test_a_new_name_replaces_the_old_one_unless_the_profile_has_an_account(
    both_engines: str, site: Site, sign_in: Callable[..., object]
) -> None:
    store = CommunityProfiles("there")
    store.store([person(1, "Old"), person(2, "Owned")])
    account = sign_in("Grace").account  # type: ignore[attr-defined]
    Prepared("UPDATE profile SET account_id = NULL WHERE account_id = ?").run(account.id)
    Prepared("UPDATE profile SET account_id = ? WHERE source_key = '2'").run(account.id)
    assert store.store([person(1, "New"), person(2, "Other")]) == (0, 1)
    names = Prepared("SELECT name FROM profile WHERE source = 'there' ORDER BY id").tuples()
    assert names == [("New",), ("Owned",)]


def test_many_rows_and_keys_go_into_few_statements(both_engines: str, site: Site, queries: list[str]) -> None:
    rows = [(f"k{number}", "1", 0) for number in range(3_000)]
    assert insert_many("setting", ("name", "value", "changed_at"), rows) == 3_000
    assert insert_many("setting", ("name", "value", "changed_at"), rows, conflict="(name) DO NOTHING") == 0
    queries.clear()
    keys = [name for name, _, _ in rows]
    found = select_by_key("SELECT name FROM setting WHERE value = ? AND name IN {keys}", keys, "1")
    assert sorted(name for (name,) in found) == sorted(keys)
    assert len(queries) == 6


def test_what_no_row_may_hold_leaves_the_transaction_whole(both_engines: str, site: Site) -> None:
    columns, good = ("name", "value", "changed_at"), ("a", "back\\slash\ttab\nline", 1)
    with transaction():
        for bad, fault in ((("b", "nul\0", 1), UnfitValue), (("b", None, 1), peewee.IntegrityError)):
            for conflict in ("", "(name) DO NOTHING"):
                with pytest.raises(fault):
                    insert_many("setting", columns, [good, bad], conflict=conflict)
        insert_many("setting", columns, [good])
    assert Prepared("SELECT name, value, changed_at FROM setting WHERE name IN ('a', 'b')").tuples() == [good]


@pytest.mark.parametrize("both_engines", ["postgres"], indirect=True)  # SQLite keeps no plans of tables as they were
def test_keys_are_found_by_an_index_while_the_table_is_nearly_empty(both_engines: str, site: Site) -> None:
    question = "EXPLAIN SELECT name FROM setting WHERE name = ANY(?)"
    with by_index():
        assert "Index" in str(Prepared(question).tuples(["a", "b"]))
    assert database.execute_sql("SHOW enable_seqscan").fetchone()[0] == "on"


def test_rows_that_meet_others_change_them_in_their_order(both_engines: str, site: Site) -> None:
    columns, newer = ("name", "value", "changed_at"), "(name) DO UPDATE SET value = excluded.value"
    insert_many("setting", columns, [("a", "1", 0), ("b", "1", 0)], conflict=newer)
    insert_many("setting", columns, [("a", "2", 0), ("c", "1", 0), ("a", "3", 0)], conflict=newer)
    if both_engines == "postgres":  # SQLite knows no lengths
        with pytest.raises(UnfitValue):
            insert_many("setting", columns, [("d" * 1_000, "1", 0)], conflict=newer)
    found = Prepared("SELECT name, value FROM setting WHERE name IN ('a', 'b', 'c') ORDER BY name").tuples()
    assert found == [("a", "3"), ("b", "1"), ("c", "1")]
