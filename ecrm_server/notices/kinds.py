"""Notices that the core itself sends."""

from __future__ import annotations

from ecrm_server.notices.kind import NoticeKind

SECURITY = NoticeKind("notices.security", "Security of your account", required=True)

KINDS = [SECURITY]
