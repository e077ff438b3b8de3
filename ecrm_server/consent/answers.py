"""What a visitor answered, as the browser keeps it: the same text in every browser with the same answers.

It names nobody. Only who agreed to something gets a second cookie with a random id, under which it is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ecrm_server import clock
from ecrm_server.consent.kind import Purpose

COOKIE = "ecrm_consent"
LIFE = 180 * clock.DAY
"""How long an answer is remembered: a yes ends then, and after a no we ask again."""

_ONE = re.compile(r"([a-z0-9_.]{1,80})@([0-9]{1,4})([+-])")
_MOST = 20


@dataclass(frozen=True, slots=True)
class Answers:
    """Purpose -> (version of its words, whether the answer was yes)."""

    given: Mapping[str, tuple[int, bool]]

    @classmethod
    def of(cls, cookie: str) -> Answers:
        """Read the cookie; what makes no sense counts as not answered."""
        return cls({key: (int(version), sign == "+") for key, version, sign in _ONE.findall(cookie)[:_MOST]})

    def answered(self, purpose: Purpose) -> bool:
        """Whether these words were answered."""
        return self.given.get(purpose.key, (0, False))[0] == purpose.version

    def agrees(self, purpose: Purpose) -> bool:
        """Whether the answer to these words was yes."""
        return self.given.get(purpose.key) == (purpose.version, True)

    def with_answer(self, purpose: Purpose, yes: bool) -> Answers:
        """These answers and one more."""
        return Answers({**self.given, purpose.key: (purpose.version, yes)})

    def cookie(self) -> str:
        """The text to be kept."""
        return "".join(
            f"{key}@{version}{'+' if yes else '-'}" for key, (version, yes) in sorted(self.given.items())
        )
