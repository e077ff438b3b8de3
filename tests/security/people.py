"""Who knocks at every door of the matrix."""

from __future__ import annotations

from collections.abc import Iterable

ANON, ADA, BEA, PAM, PIA, QUIN, QORA, MO, STAN, ROOT, KEY, BARE, SUS, SIL, CARA = (
    "anonymous", "ada", "bea", "pam", "pia", "quin", "qora", "mo", "stan", "root", "key", "bare", "sus", "sil",
    "cara",
)  # fmt: skip
"""A visitor; two members (customers); member and admin of partner A; of partner B; moderator; staff; administrator;
Ada's API key with the scopes of the forums, and one that may only vote; a suspended and a silenced account; Cara, who
manages accounts and roles but may do nothing else."""

ALL = frozenset((ANON, ADA, BEA, PAM, PIA, QUIN, QORA, MO, STAN, ROOT, KEY, BARE, SUS, SIL, CARA))
KEYS = frozenset((KEY, BARE))
BROWSERS = ALL - KEYS
OUT = frozenset((ANON, SUS))
"""Those whom the server must take for strangers."""
SIGNED = BROWSERS - OUT
WRITERS = SIGNED - {SIL}
REVIEW = frozenset((MO, STAN, ROOT))
MODERATE = frozenset((MO, ROOT))
STAFF = frozenset((STAN, ROOT))
ADMIN = frozenset((ROOT,))
MANAGERS = frozenset((ROOT, CARA))
ORG_A = frozenset((PAM, PIA)) | STAFF
ORG_B = frozenset((QUIN, QORA)) | STAFF
NAMES = {
    ADA: "Ada", BEA: "Bea", PAM: "Pam", PIA: "Pia", QUIN: "Quin", QORA: "Qora", MO: "Mo", STAN: "Stan", ROOT: "Root",
    SUS: "Sus", SIL: "Sil", CARA: "Cara",
}  # fmt: skip
ROLES = {MO: ("moderator",), STAN: ("staff",), ROOT: ("admin",), CARA: ("manager",)}
MANAGER = ("access.manage_roles", "identity.manage_accounts", "admin.enter")


def only(*people: str) -> frozenset[str]:
    return frozenset(people)


def but(people: Iterable[str], *without: str) -> frozenset[str]:
    return frozenset(people) - set(without)
