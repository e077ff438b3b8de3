"""Tamper evidence: records are sealed in batches, each seal holding the hash of the one before it."""

from __future__ import annotations

from ecrm_server.seals.chain import Chain, Commitment, commit, new_salt, sealed

__all__ = ["Chain", "Commitment", "commit", "new_salt", "sealed"]
