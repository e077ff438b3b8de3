"""Accounts and the profiles they show, who holds which role, sessions, API keys, invitations."""

from __future__ import annotations

import uuid

import peewee

from ecrm_server.data import JSONText, MillisField, Model, UidField


def _uniquifier() -> str:
    return uuid.uuid4().hex


class Account(Model):
    """Somebody who can sign in. What others see of a person is the profile."""

    id = peewee.AutoField()
    uid = UidField()
    email = peewee.CharField(max_length=254)
    email_key = peewee.CharField(max_length=254, unique=True)
    password = peewee.CharField(max_length=255, null=True)
    active = peewee.BooleanField(default=True)
    confirmed_at = MillisField(null=True, default=None)
    fs_uniquifier = peewee.CharField(max_length=64, unique=True, default=_uniquifier)
    tf_primary_method = peewee.CharField(max_length=64, null=True)
    tf_totp_secret = peewee.TextField(null=True)
    tf_counter = peewee.BigIntegerField(null=True)
    """The last one-time code used, so that none works twice."""
    mf_recovery_codes = JSONText(null=True)
    suspended_until = MillisField(null=True, default=None)
    suspended_reason = peewee.TextField(default="")
    silenced_until = MillisField(null=True, default=None)
    posts_reviewed = peewee.BooleanField(default=False)
    """Whether the first posts were let through; until then new ones wait for a moderator."""
    created_at = MillisField()
    last_seen_at = MillisField(null=True, default=None)
    locale = peewee.CharField(max_length=20, default="")
    timezone = peewee.CharField(max_length=60, default="")
    theme = peewee.CharField(max_length=20, default="")
    density = peewee.CharField(max_length=20, default="")
    terms_accepted_at = MillisField(null=True, default=None)
    unread_notices = peewee.IntegerField(default=0)
    demo = peewee.BooleanField(default=False)
    deleted_at = MillisField(null=True, default=None)

    profile_id: int
    """Set by ``services.create_account``, as is ``profile_uid``."""
    profile_uid: str

    class Meta:
        table_name = "account"
        only_save_dirty = True


class Profile(Model):
    """What others see of a person. Authors of imported content have a profile and no account."""

    id = peewee.AutoField()
    uid = UidField()
    account = peewee.ForeignKeyField(Account, null=True, unique=True, backref="+", on_delete="SET NULL")
    name = peewee.CharField(max_length=120)
    name_key = peewee.CharField(max_length=240, index=True)
    handle = peewee.CharField(max_length=60, unique=True)
    """The name in addresses and mentions, in the form of ``name_key``."""
    avatar = peewee.CharField(max_length=255, null=True)
    """The stored file, or None for initials."""
    source = peewee.CharField(max_length=120, null=True)
    source_key = peewee.CharField(max_length=120, null=True)
    source_url = peewee.CharField(max_length=500, default="")
    created_at = MillisField()
    demo = peewee.BooleanField(default=False)

    class Meta:
        table_name = "profile"
        indexes = ((("source", "source_key"), True),)
        only_save_dirty = True


class AccountRole(Model):
    """A role an account holds itself."""

    account = peewee.ForeignKeyField(Account, backref="+", on_delete="CASCADE")
    role = peewee.CharField(max_length=60, index=True)

    class Meta:
        table_name = "account_role"
        primary_key = peewee.CompositeKey("account", "role")


class Group(Model):
    """Accounts that get roles, and rights on single objects, together."""

    id = peewee.AutoField()
    uid = UidField()
    name = peewee.CharField(max_length=80, unique=True)
    description = peewee.TextField(default="")
    created_at = MillisField()

    class Meta:
        table_name = "account_group"


class GroupMember(Model):
    """Who belongs to a group."""

    group = peewee.ForeignKeyField(Group, backref="+", on_delete="CASCADE")
    account = peewee.ForeignKeyField(Account, backref="+", on_delete="CASCADE")

    class Meta:
        table_name = "account_group_member"
        primary_key = peewee.CompositeKey("group", "account")


class GroupRole(Model):
    """A role every member of a group holds."""

    group = peewee.ForeignKeyField(Group, backref="+", on_delete="CASCADE")
    role = peewee.CharField(max_length=60, index=True)

    class Meta:
        table_name = "account_group_role"
        primary_key = peewee.CompositeKey("group", "role")


class Session(Model):
    """A browser that somebody uses. Only the hash of its key is stored; deleting the row revokes it."""

    key_hash = peewee.CharField(max_length=64, primary_key=True)
    uid = UidField()
    account = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="CASCADE")
    data = peewee.TextField(default="{}")
    address = peewee.CharField(max_length=60, default="")
    agent = peewee.CharField(max_length=300, default="")
    remember = peewee.BooleanField(default=False)
    roles = peewee.TextField(null=True)
    """Roles and groups of the account as JSON; emptied when they change, filled again by the next request."""
    created_at = MillisField()
    last_seen_at = MillisField()
    expires_at = MillisField(index=True)
    viewing = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    """Whom its owner sees the site as at present; see ``identity.viewing``."""
    viewing_until = MillisField(null=True, default=None)

    class Meta:
        table_name = "session"


class ApiKey(Model):
    """A key for programs: ``ecrm_<uid>_<secret>``; only the secret's hash is stored."""

    id = peewee.AutoField()
    uid = UidField()
    account = peewee.ForeignKeyField(Account, backref="+", on_delete="CASCADE")
    name = peewee.CharField(max_length=80)
    secret_hash = peewee.CharField(max_length=64)
    scopes = JSONText()
    roles = peewee.TextField(null=True)
    created_at = MillisField()
    expires_at = MillisField(null=True, default=None)
    last_used_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "api_key"


class Invitation(Model):
    """A link that makes an account with given roles."""

    id = peewee.AutoField()
    uid = UidField()
    email = peewee.CharField(max_length=254)
    email_key = peewee.CharField(max_length=254, index=True)
    roles = JSONText()
    token_hash = peewee.CharField(max_length=64, unique=True)
    invited_by = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
    created_at = MillisField()
    expires_at = MillisField()
    accepted_at = MillisField(null=True, default=None)
    account = peewee.ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")

    class Meta:
        table_name = "invitation"


class ClaimLink(Model):
    """A link that makes its visitor an administrator, once."""

    token_hash = peewee.CharField(max_length=64, primary_key=True)
    created_at = MillisField()
    expires_at = MillisField()
    used_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "claim_link"
