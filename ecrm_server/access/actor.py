"""Who is acting: the one object that views, services and channels ask for permissions."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or key, or the system itself) behind a request, socket or job.

    ``account_id`` and ``profile_id`` are database keys and stay inside the server; ``uid`` is the profile's public id.
    ``permissions`` are the global ones; rights on one object are asked with ``access.may``.
    """

    account_id: int | None = None
    profile_id: int | None = None
    uid: str = ""
    name: str = ""
    email: str = ""
    avatar_url: str | None = None
    roles: frozenset[str] = frozenset()
    groups: frozenset[int] = frozenset()
    permissions: frozenset[str] = frozenset()
    all_permissions: bool = False
    session_key: str = ""
    """Hash of the session row's key: names the room that is cut when the session is revoked."""
    api_key_id: int | None = None
    fresh_at: int = 0
    """When the person last proved who they are (milliseconds)."""
    locale: str = ""
    timezone: str = ""
    theme: str = ""
    density: str = ""
    silenced: bool = False
    posts_reviewed: bool = True
    """False for a newcomer whose first posts go through the moderation queue."""
    created_at: int = 0
    unread_notices: int = 0
    viewed_by: Actor | None = field(default=None, compare=False)
    """Who of the staff sees the site as this person and may only look; None for the person itself."""
    extra: dict[str, object] = field(default_factory=dict, compare=False)

    @property
    def is_authenticated(self) -> bool:
        return self.account_id is not None

    @property
    def only_looks(self) -> bool:
        """Whether somebody else sees the site as this person: nothing is changed, noted or counted in their name."""
        return self.viewed_by is not None

    def may(self, permission: str) -> bool:
        """Whether the actor holds a global permission."""
        return self.all_permissions or permission in self.permissions


ANONYMOUS = Actor()
SYSTEM = Actor(name="eCRM Server", all_permissions=True)
"""The server itself: jobs, imports and the command line."""
