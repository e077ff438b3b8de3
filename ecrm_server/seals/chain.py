"""What is sealed, and the hashes: SHA-256 over canonical JSON.

Canonical JSON here: UTF-8, keys sorted, no spaces, integers and strings only (no floats, no booleans), so that both
database engines give back the very same bytes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64
"""What the first seal of a chain holds as the seal before it."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """Personal fields of a record, which enter the seal only as ``column``: a hash over ``salt`` and the fields.

    Setting the salt and the fields to NULL forgets them for good and leaves every seal valid.
    """

    column: str
    salt: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """An append-only table under seal.

    name: identifies the chain for ever. table: its table, with an integer ``id``, the public key ``key`` and a nullable
    BIGINT column ``seal`` (the number of the batch, NULL until sealed; index it WHERE seal IS NULL).
    columns: what enters the seal; commitments: personal fields beside it.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    commitments: tuple[Commitment, ...] = ()
    key: str = "uid"

    @property
    def sealed_columns(self) -> tuple[str, ...]:
        """Everything that a record's digest covers, in a fixed order."""
        return (self.key, *self.columns, *(item.column for item in self.commitments))

    @property
    def read_columns(self) -> tuple[str, ...]:
        """What has to be read to verify a record."""
        personal = [name for item in self.commitments for name in (item.salt, *item.fields)]
        return ("seal", *self.sealed_columns, *dict.fromkeys(personal))

    def digest(self, row: Mapping[str, Any]) -> str:
        """The digest of one record, 64 hexadecimal digits."""
        return sha256({name: row[name] for name in self.sealed_columns})


def sealed(
    table: str,
    columns: Sequence[str],
    *,
    commitments: Sequence[Commitment] = (),
    key: str = "uid",
    name: str = "",
) -> Chain:
    """Declare a table under seal; the chain is called like the table unless ``name`` says otherwise."""
    return Chain(name or table, table, tuple(columns), tuple(commitments), key)


def canonical(value: Any) -> bytes:
    """The one spelling of a value as JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(value: Any) -> str:
    """The hash of a value's canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def new_salt() -> str:
    """128 random bits: without the salt nobody can try out what a commitment stands for."""
    return secrets.token_hex(16)


def commit(salt: str, values: Sequence[Any]) -> str:
    """The commitment to personal values, in the order of ``Commitment.fields``, as the database stores them."""
    return sha256([salt, *values])


def batch_digest(chain: str, number: int, previous: str, records: Sequence[Sequence[str]]) -> str:
    """The seal over a batch: its records' (key, digest) pairs, its number and the seal before it."""
    return sha256(
        {"chain": chain, "number": number, "previous": previous, "records": [list(pair) for pair in records]}
    )
