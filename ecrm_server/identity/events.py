"""What happens to accounts. ``account`` and ``profile`` are public ids; no event carries an e-mail address."""

from __future__ import annotations

from ecrm_server.events import Event


class Registered(Event, name="identity.registered"):
    """Somebody made an account (``via``: form, invitation, claim, command, demo)."""

    account: str
    profile: str
    via: str


class Confirmed(Event, name="identity.confirmed"):
    """The owner of an account proved that the e-mail address is theirs."""

    account: str


class SignedIn(Event, name="identity.signed_in"):
    """Somebody signed in; ``session`` is the session's public id, ``device`` what the browser calls itself.

    ``new_browser``: the account had signed in before, but never from this browser.
    """

    account: str
    session: str
    device: str = ""
    new_browser: bool = False


class SignInFailed(Event, name="identity.sign_in_failed"):
    """A wrong password or code was given for an existing account."""

    account: str
    address: str


class SessionsRevoked(Event, name="identity.sessions_revoked"):
    """Sessions ended. ``keys`` are the hashes of their keys, the names of the rooms ``session:<hash>`` to cut."""

    account: str
    keys: list
    reason: str


class PasswordChanged(Event, name="identity.password_changed"):
    """A password was changed or reset."""

    account: str


class EmailChanged(Event, name="identity.email_changed"):
    """A new e-mail address was confirmed."""

    account: str


class TwoFactorChanged(Event, name="identity.two_factor_changed"):
    """One-time codes were switched on or off."""

    account: str
    enabled: bool


class RolesChanged(Event, name="identity.roles_changed"):
    """The roles of an account changed."""

    account: str
    before: list
    after: list


class GroupChanged(Event, name="identity.group_changed"):
    """A group was made, changed or deleted."""

    group: str
    change: str


class AccountSuspended(Event, name="identity.account_suspended"):
    """An account may not sign in until a time (milliseconds); None means for good."""

    account: str
    until: int | None
    reason: str


class AccountRestored(Event, name="identity.account_restored"):
    """A suspension ended."""

    account: str


class AccountSilenced(Event, name="identity.account_silenced"):
    """An account may read but not write until a time (milliseconds); None lifts it."""

    account: str
    until: int | None


class ProfileChanged(Event, name="identity.profile_changed"):
    """Name, handle or picture of a person changed."""

    profile: str
    display_name: str
    handle: str


class Invited(Event, name="identity.invited"):
    """Somebody was invited."""

    invitation: str
    roles: list


class ApiKeyCreated(Event, name="identity.api_key_created"):
    """An API key was made."""

    account: str
    key: str
    scopes: list


class ApiKeyRevoked(Event, name="identity.api_key_revoked"):
    """An API key was revoked."""

    account: str
    key: str


class ViewAsBegan(Event, name="identity.view_as_began"):
    """Staff began to see the site as an account; ``by`` is their own, ``key`` the hash of their session's key."""

    account: str
    by: str
    key: str


class ViewAsEnded(Event, name="identity.view_as_ended"):
    """They see the site as themselves again. ``reason``: back, signed_out, time, permission, account."""

    account: str
    by: str
    key: str
    reason: str


class AccountDeleted(Event, name="identity.account_deleted"):
    """An account and what identified its person was erased."""

    account: str
    profile: str


ALL: list[type[Event]] = [
    Registered,
    Confirmed,
    SignedIn,
    SignInFailed,
    SessionsRevoked,
    PasswordChanged,
    EmailChanged,
    TwoFactorChanged,
    RolesChanged,
    GroupChanged,
    AccountSuspended,
    AccountRestored,
    AccountSilenced,
    ProfileChanged,
    Invited,
    ApiKeyCreated,
    ApiKeyRevoked,
    ViewAsBegan,
    ViewAsEnded,
    AccountDeleted,
]
