"""What accounts hold about people, and how long."""

from __future__ import annotations

from ecrm_server.data import Prepared
from ecrm_server.privacy.kind import Retention

_INVITATIONS = Prepared(
    "DELETE FROM invitation WHERE id IN (SELECT id FROM invitation WHERE expires_at < ? ORDER BY id LIMIT ?)"
)

TABLES = [
    Retention(table="account", holds="Your e-mail address, password and how you want to see the site",
              why="You sign in with it."),
    Retention(table="profile", holds="Your name, handle and picture", why="Others see who wrote what."),
    Retention(table="account_role", holds="Your roles", why="They say what you may do here."),
    Retention(table="account_group_member", holds="The groups you belong to", why="They say what you may do here."),
    Retention(
        table="session", holds="The browsers you are signed in with, and their addresses",
        why="You stay signed in, and can end each of them.", fixed="until it ends, as the settings of accounts say",
    ),
    Retention(table="api_key", holds="The keys of your programs", why="They act in your name."),
    Retention(
        table="invitation", holds="Invitations to a person's address", why="Staff see who was invited by whom.",
        days=365, least=30, sweep=_INVITATIONS.run,
    ),
]  # fmt: skip
