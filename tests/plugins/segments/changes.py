"""Everything that may change who is in a segment, as steps that a test draws at random and carries out."""

from __future__ import annotations

import csv
import importlib
import io
import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ecrm_server import clock
from ecrm_server.access import SYSTEM, groups
from ecrm_server.customers import contacts, fields, merging, organisations
from ecrm_server.customers import services as customers
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.data import Prepared
from ecrm_server.errors import EcrmError
from ecrm_server.identity.testing import make_account
from ecrm_server.importing import run, store, undo
from ecrm_server.importing.options import Options
from ecrm_server.importing.progress import Progress
from ecrm_server.importing.table import NAMES, TableImport
from ecrm_server.kernel import current
from ecrm_server.kernel.site import Site
from ecrm_server.privacy import erasing
from ecrm_server.testing import MovableClock
from tests.core.customers import drawn

Step = tuple[Any, ...]
_number = itertools.count()
_who = st.integers(0, 9)
_FILES = (
    [{"Number": "1", "City": "Köln"}, {"Number": "K3", "Country": "DE", "Tags": "vip;ä"}],
    [{"E-mail": "ann@x.example", "Stage": "Lapsed"}, {"E-mail": "bo@ä.example", "Birthday": "2000-02-29"}],
)


def steps(world: drawn.World, rule: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    """One thing that happens."""
    facts = drawn.facts(world)
    return st.one_of(
        st.tuples(st.just("change"), _who, facts),
        st.tuples(st.just("create"), facts),
        st.tuples(st.just("account")),
        st.tuples(st.just("rename"), _who),
        st.tuples(st.just("wait"), st.integers(1, 60 * 24 * 40)),
        st.tuples(st.just("put_on_list"), _who, st.booleans()),
        st.tuples(st.just("rule"), rule),
        st.tuples(st.just("delete"), _who),
        st.tuples(st.just("merge"), _who, _who),
        st.tuples(st.just("merge_firms"), st.integers(0, 1)),
        st.tuples(st.just("undo_merge"), _who),
        st.tuples(st.just("join"), _who, st.integers(0, 1), st.booleans()),
        st.tuples(st.just("rename_firm"), st.integers(0, 1)),
        st.tuples(st.just("address"), _who, st.sampled_from(("Köln", "Wien"))),
        st.tuples(st.just("bring"), st.sampled_from(_FILES)),
        st.tuples(st.just("undo_import")),
        st.tuples(st.just("buy"), _who, st.integers(0, 900), st.integers(-500, 2000), st.sampled_from(("EUR", "GBP"))),
        st.tuples(st.just("give_back"), _who),
        st.tuples(st.just("erase"), _who),
        st.tuples(st.just("look_after"), _who, st.booleans()),
        st.tuples(st.just("leave")),
        st.tuples(st.just("field"), st.sampled_from(sorted(world.custom)), st.booleans()),
    )  # fmt: skip


@dataclass
class Shop:
    """What happened so far: people and firms by uid, accounts, merges and imports that can be undone.

    away: kinds of the archived fields.
    """

    site: Site
    segments: Any
    clock: MovableClock
    folder: Path
    world: drawn.World
    uids: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    firms: list[str] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    merges: list[tuple[Subject, str]] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    leavers: list[Callable[[], None]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)

    def end(self) -> None:
        """Bring the archived fields back for the next example."""
        for kind in self.away:
            fields.archive(SYSTEM, CUSTOMER, self.world.custom[kind], False)
        if self.away:
            self.site.dispatcher.refresh(wait=True)

    def do(self, step: Step) -> None:
        """Carry out a step. One that the server refuses, with a sentence, changes nothing."""
        name, *values = step
        act: Callable[..., None] = getattr(self, f"_{name}")
        with suppress(EcrmError):
            act(*values)
        self.segments.settle()

    def _one(self, who: int) -> str:
        if not self.people:
            self._create({"name": "Somebody"})
        return self.people[who % len(self.people)]

    def _change(self, who: int, facts: drawn.Facts) -> None:
        customers.change(SYSTEM, self._one(who), **facts)

    def _create(self, facts: drawn.Facts) -> None:
        uid = drawn.make(CUSTOMER, facts)
        self.people += [uid] if uid else []

    def _account(self) -> None:
        account = make_account("Somebody", email=f"p{next(_number)}@example.org")
        self.segments.settle()
        self.accounts.append(account.id)
        self.people.append(customers.of_account(account.id)["uid"])

    def _rename(self, who: int) -> None:
        """The person changes the name of the account."""
        from ecrm_server.identity import profiles
        from ecrm_server.identity.actors import of_account

        if self.accounts:
            actor = of_account(self.accounts[who % len(self.accounts)])
            assert actor is not None
            profiles.change(actor, name=drawn.TEXTS[who], handle=f"p{next(_number)}")

    def _wait(self, minutes: int) -> None:
        self.clock.advance(minutes * clock.MINUTE)
        self.segments.following.tick()

    def _put_on_list(self, who: int, inside: bool) -> None:
        act = self.segments.hand.add if inside else self.segments.hand.remove
        act(SYSTEM, self.uids["list"], [self._one(who)])

    def _rule(self, rule: Any) -> None:
        version = Prepared("SELECT version FROM segments_segment WHERE uid = ?").value(self.uids["outer"])
        title = f"Outer {next(_number)}"
        self.segments.editing.change(
            SYSTEM, self.uids["outer"], version, title=title, rule=named(rule, self.uids)
        )

    def _delete(self, who: int) -> None:
        """As the undoing of an import does."""
        uid = self._one(who)
        current.generation().registry.imports["customers"].remove([uid], SYSTEM)
        self.people.remove(uid)

    def _merge(self, kept: int, merged: int) -> None:
        pair = self._one(kept), self._one(merged)
        self.merges.append((CUSTOMER, merging.merge(SYSTEM, CUSTOMER, *pair)))

    def _merge_firms(self, kept: int) -> None:
        uid = merging.merge(SYSTEM, ORGANISATION, self.firms[kept], self.firms[1 - kept])
        self.merges.append((ORGANISATION, uid))

    def _undo_merge(self, which: int) -> None:
        if self.merges:
            merging.undo(SYSTEM, *self.merges[which % len(self.merges)])
            del self.merges[which % len(self.merges)]

    def _join(self, who: int, firm: int, inside: bool) -> None:
        act = organisations.add_member if inside else organisations.remove_member
        act(SYSTEM, self.firms[firm], self._one(who))

    def _rename_firm(self, firm: int) -> None:
        organisations.change(SYSTEM, self.firms[firm], name=drawn.TEXTS[next(_number) % len(drawn.TEXTS)])

    def _address(self, who: int, city: str) -> None:
        contacts.add_address(SYSTEM, CUSTOMER, self._one(who), city=city, country="AT")

    def _bring(self, rows: list[dict[str, str]]) -> None:
        path, kind = self.folder / f"{next(_number)}.csv", current.generation().registry.imports["customers"]
        text = io.StringIO()
        writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), "utf-8")
        going = TableImport(kind, path, path.name, Options(), SYSTEM)
        with going.failure_file(self.folder / "failed.csv") as failures:
            checked = going.check(failures, Progress())
        begun = run.begin("customers", path.name, path, run.digest_of([path], path.name), NAMES)
        store.describe(begun.id, going.options, checked.counts["read"])
        run.carry_out(begun, [going.phase(begun.id, checked)], Progress())
        self.imports.append(str(store.by_id(begun.id)["uid"]))
        self.people = [
            uid for (uid,) in Prepared("SELECT uid FROM customer WHERE merged_into_id IS NULL").tuples()
        ]

    def _undo_import(self) -> None:
        if not self.imports:
            return
        row = store.get(self.imports.pop())
        going = undo.Undo(current.generation().registry.imports["customers"], row["id"], SYSTEM)
        store.move(row, "undoing", "")
        store.start_over(store.get(row["uid"]))
        run.carry_out(store.run_of(store.get(row["uid"]), ()), [going.phase(0)], Progress(), "undone")
        self.people = [
            uid for (uid,) in Prepared("SELECT uid FROM customer WHERE merged_into_id IS NULL").tuples()
        ]

    def _buy(self, who: int, days: int, net: int, currency: str) -> None:
        order = f"o{next(_number)}"
        at = clock.now() - days * clock.DAY
        _orders().place(order, self._one(who), at, (net, 1), (100, 2), currency=currency)
        self.lines.append(f"{order}-0")

    def _give_back(self, which: int) -> None:
        if self.lines:
            _orders().give_back(self.lines.pop(which % len(self.lines)), 1, 100)

    def _erase(self, who: int) -> None:
        if self.accounts:
            erasing.erase(self.accounts.pop(who % len(self.accounts)), SYSTEM)
            self.segments.following.tick()

    def _look_after(self, who: int, team: bool) -> None:
        """Somebody new, or a new group, looks after a customer."""
        if team:
            uid = groups.create_group(SYSTEM, f"Team {next(_number)}")
            self.leavers.append(partial(groups.delete_group, SYSTEM, uid))
        else:
            account = make_account("Leaver", roles=("staff",), email=f"p{next(_number)}@example.org")
            uid = account.profile_uid
            self.leavers.append(partial(erasing.erase, account.id, SYSTEM))
        self._change(who, {"team" if team else "owner": uid})

    def _leave(self) -> None:
        """They are erased, or deleted."""
        while self.leavers:
            self.leavers.pop()()
        self.segments.settle()
        self.segments.following.tick()

    def _field(self, kind: str, archived: bool) -> None:
        fields.archive(SYSTEM, CUSTOMER, self.world.custom[kind], archived)
        (self.away.add if archived else self.away.discard)(kind)
        self.site.dispatcher.refresh(wait=True)
        self.segments.following.tick()


def _orders() -> Any:
    return importlib.import_module("ecrm_plugins.orders.plugin")


def named(tree: Any, uids: dict[str, str]) -> Any:
    """The tree with the uids of the two segments that it may name."""
    if isinstance(tree, list):
        return [named(part, uids) for part in tree]
    if isinstance(tree, dict):
        return {key: uids[value] if key == "segment" else named(value, uids) for key, value in tree.items()}
    return tree
