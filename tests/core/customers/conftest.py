from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.access import services as access
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.importing import run, store, undo
from ecrm_server.importing.options import Options
from ecrm_server.importing.progress import Progress
from ecrm_server.importing.table import NAMES, TableImport
from ecrm_server.kernel import current


@pytest.fixture
def person(both_engines: str, site: Any) -> Callable[..., Actor]:
    """``person("Ada", "staff")``: the actor of a new account."""

    def make(name: str, *roles: str, **more: Any) -> Actor:
        return actor_of(make_account(name, roles=roles, **more))

    return make


@pytest.fixture
def seller(person: Callable[..., Actor], site: Any) -> Callable[..., Actor]:
    """``seller("Sam", "customers.read_own")``: somebody who has these permissions and no others."""

    def make(name: str, *permissions: str) -> Actor:
        role = f"may_{name.lower()}"
        access.create_role(SYSTEM, role, role)
        declared = list(current.generation().registry.permissions.values())
        access.set_permissions(SYSTEM, {role: set(permissions)}, declared, {})
        site.dispatcher.refresh(wait=True)
        return person(name, role)

    return make


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., tuple[dict[str, int], str]]:
    """``bring("customers", "Name,Number\\nBo,1\\n")``: the counts, and the uid of the run."""

    def carry_out(name: str, text: str, **options: Any) -> tuple[dict[str, int], str]:
        path = tmp_path / f"{name}.csv"
        path.write_text(text, "utf-8")
        kind = current.generation().registry.imports[name]
        with TableImport(kind, path, path.name, Options(**options), SYSTEM) as going:
            with going.failure_file(tmp_path) as failures:
                checked = going.check(failures, Progress())
            checked.refuse(going.name, going.options.keep_good)
            begun = run.begin(name, path.name, path, run.digest_of([path], text), NAMES)
            store.describe(begun.id, going.options, checked.counts["read"])
            counts = run.carry_out(begun, [going.phase(begun.id, checked)], Progress())
            return dict(counts), str(store.by_id(begun.id)["uid"])

    return carry_out


@pytest.fixture
def take_back() -> Callable[[str], tuple[undo.Plan, dict[str, int]]]:
    """``take_back(uid)``: undo a run, the rest too; the plan and the counts."""

    def carry_out(uid: str) -> tuple[undo.Plan, dict[str, int]]:
        row = store.get(uid)
        going = undo.Undo(current.generation().registry.imports[row["kind"]], row["id"], SYSTEM)
        plan = going.plan()
        store.move(row, "undoing", "")
        store.start_over(row)
        counts = run.carry_out(store.run_of(store.get(uid), undo.NAMES), [going.phase(0)], Progress(), "undone")
        return plan, {name: counts[name] for name in undo.NAMES}

    return carry_out
