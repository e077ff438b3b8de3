"""Take permission checks away, one at a time: does the matrix notice?

``python -m tests.security.mutants`` samples 40 of them with a fixed seed and prints the share that was found;
``--all`` takes every one, ``--seed N`` others.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from ecrm_server.access import ANYONE
from ecrm_server.kernel import current
from tests.security import people as p
from tests.security.built import built
from tests.security.checks import SERVICES, Replacement
from tests.security.matrix import CLOSED, ROWS, Caller, run
from tests.security.rooms import listen
from tests.security.rows import Row

SAMPLE, SEED = 40, 2026
_OURS = ("ecrm_server", "ecrm_plugins")


@dataclass(frozen=True)
class Mutant:
    """``rows`` are those that could notice."""

    name: str
    apply: Callable[[ExitStack], None]
    rows: tuple[Row, ...]


def guards() -> list[Mutant]:
    """The permission of each route, replaced by none."""
    needs = current.generation().app.needs
    return [
        Mutant(
            f"@needs of {endpoint}",
            _without_guard(endpoint),
            tuple(r for r in ROWS if r.endpoint == endpoint),
        )
        for endpoint, permission in sorted(needs.items())
        if permission != ANYONE
    ]


def _without_guard(endpoint: str) -> Callable[[ExitStack], None]:
    def apply(stack: ExitStack) -> None:
        needs = current.generation().app.needs
        stack.callback(needs.__setitem__, endpoint, needs[endpoint])
        needs[endpoint] = ANYONE

    return apply


def services() -> list[Mutant]:
    """Checks in services, and who may be in a channel."""
    found = [Mutant(item.name, _replaced(item), tuple(ROWS)) for item in SERVICES]
    channels = sorted(current.generation().registry.channels)
    return found + [Mutant(f"authorisation of {name}", _open_channel(name), ()) for name in channels]


def _replaced(item: Replacement) -> Callable[[ExitStack], None]:
    def apply(stack: ExitStack) -> None:
        module = sys.modules[item.module]
        owner_name, _, name = item.attribute.rpartition(".")
        owner = getattr(module, owner_name) if owner_name else module
        original = getattr(owner, name)
        substitute = item.make(original)
        places = [owner] if owner_name else _importers(name, original)
        for place in places:
            stack.callback(setattr, place, name, original)
            setattr(place, name, substitute)

    return apply


def _importers(name: str, original: Any) -> list[Any]:
    """Every module of ours that holds the function."""
    ours = [module for key, module in list(sys.modules.items()) if key.partition(".")[0] in _OURS]
    return [module for module in ours if module.__dict__.get(name) is original]


def _open_channel(name: str) -> Callable[[ExitStack], None]:
    def apply(stack: ExitStack) -> None:
        channels: Any = current.generation().registry.channels
        stack.callback(channels.__setitem__, name, channels[name])
        channels[name] = dataclasses.replace(channels[name], authorise=lambda actor, ref: True)

    return apply


@contextmanager
def applied(caller: Caller, mutant: Mutant, *, restore: bool = True) -> Iterator[None]:
    """The server without one check."""
    if restore:
        caller.world.restore()
    with ExitStack() as stack:
        mutant.apply(stack)
        yield
    caller.world.restore()


def noticed(caller: Caller, mutant: Mutant) -> str:
    """The first thing that the matrix finds wrong without the check; empty when it notices nothing."""
    with applied(caller, mutant):
        found = next(listen(caller), "") if len(mutant.rows) in (0, len(ROWS)) else ""
        found = found or next(run(caller, mutant.rows), "")
    closed = [row for row in CLOSED if row.endpoint in {one.endpoint for one in mutant.rows}]
    if found or not closed:
        return found
    caller.world.close_forums()
    with applied(caller, mutant, restore=False):
        return next(run(caller, closed, people=sorted(p.OUT)), "")


def sample(number: int = SAMPLE, seed: int = SEED) -> list[Mutant]:
    """Half guards of routes, half checks behind them."""
    chosen = random.Random(seed)
    first, second = guards(), services()
    behind = min(len(second), number // 2)
    return chosen.sample(first, min(len(first), number - behind)) + chosen.sample(second, behind)


def main() -> int:
    """Print what became of each mutant. Exit status 1 when more than one in twenty was not noticed."""
    options = argparse.ArgumentParser(
        description="Take permission checks away and see whether the matrix notices."
    )
    options.add_argument("--all", action="store_true")
    options.add_argument("--seed", type=int, default=SEED)
    chosen = options.parse_args()
    logging.disable(logging.CRITICAL)
    with built() as world:
        caller = Caller(world)
        mutants = [*guards(), *services()] if chosen.all else sample(seed=chosen.seed)
        survivors = []
        for mutant in mutants:
            found = noticed(caller, mutant)
            print(f"{'noticed ' if found else 'SURVIVED'}  {mutant.name}  {found[:90]}", flush=True)
            survivors += [] if found else [mutant.name]
    share = 1 - len(survivors) / len(mutants)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} noticed ({share:.0%})")
    return int(share < 0.95)


if __name__ == "__main__":
    sys.exit(main())
