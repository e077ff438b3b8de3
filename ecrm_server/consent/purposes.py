"""The purposes of the site: those that parts declare, and those that the admin writes down."""

from __future__ import annotations

import re
from functools import lru_cache

from ecrm_server.consent.kind import Purpose
from ecrm_server.errors import Refusal
from ecrm_server.kernel import current
from ecrm_server.settings.store import setting

DEFAULT = "news: Tell me by e-mail what is new on this site"

VISITS = Purpose(
    key="consent.visits",
    title="Your visits",
    about="We see which pages and which other sites bring people here, and improve both.",
    wording=(
        "Record which site and search led me here and which pages I look at, and connect it with my account when I"
        " make one"
    ),
    asked=("account", "visitor"),
)

_LINE = re.compile(r"(?P<key>[a-z][a-z0-9_]{0,39})(?:@(?P<version>[1-9][0-9]{0,3}))?\s*:\s*(?P<wording>\S.*)")


@lru_cache(maxsize=16)
def parse(text: str) -> dict[str, Purpose]:
    """Key -> purpose, in the order of the lines (``news: words``, ``news@2: other words``). Raises ValueError."""
    found: dict[str, Purpose] = {}
    for number, line in enumerate(text.strip().splitlines(), 1):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"Line {number} must look like 'news: Tell me by e-mail what is new'.")
        key = match["key"]
        title = key.replace("_", " ").capitalize()
        found[key] = Purpose(
            key=key, title=title, about="", wording=match["wording"], version=int(match["version"] or 1),
            asked=("account", "profile", "registration"),
        )  # fmt: skip
    return found


def every() -> dict[str, Purpose]:
    """Every purpose in force by its key, the site's own first; what visitors are asked only while the site does so."""
    asks = setting("consent.ask_visitors")
    declared = current.generation().registry.purposes
    return parse(setting("consent.purposes")) | {
        key: purpose for key, purpose in declared.items() if asks or "visitor" not in purpose.asked
    }


def find(key: str) -> Purpose:
    """A purpose in force that people decide about. Raises Refusal."""
    found = every().get(key)
    if found is None or not found.is_choice:
        raise Refusal("This site does not ask for that.", field="purpose")
    return found


def asked_of_newcomers() -> list[Purpose]:
    """What the form of a new account asks for, each with a box that is not ticked."""
    return [
        purpose for purpose in every().values() if "registration" in purpose.asked and purpose.basis == "consent"
    ]


def asked_of_visitors() -> list[Purpose]:
    """What the notice asks for, one after the other; empty unless the site asks visitors."""
    return [
        purpose for purpose in every().values() if "visitor" in purpose.asked and purpose.basis == "consent"
    ]
