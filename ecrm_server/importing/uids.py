"""Public ids of imported things."""

from __future__ import annotations

from hashlib import blake2b

from ecrm_server.ids import as_public_id


def imported_uid(source: str, key: str) -> str:
    """The public id of what a source calls ``key``: the same in every run, so that links can be written before what
    they lead to is, and a resumed import agrees with itself.

    A keyed hash; what readers may see is asked of permissions, never of how hard an id is to guess.
    """
    secret = blake2b(source.encode(), digest_size=32).digest()
    return as_public_id(blake2b(key.encode(), key=secret, digest_size=9).digest())
