"""Accounts, profiles, roles held, groups, sessions, API keys, invitations."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    TextField,
)


def up(migrator, db):
    class Account(db.Model):
        uid = CharField(max_length=40, unique=True)
        email = CharField(max_length=254)
        email_key = CharField(max_length=254, unique=True)
        password = CharField(max_length=255, null=True)
        active = BooleanField()
        confirmed_at = BigIntegerField(null=True)
        fs_uniquifier = CharField(max_length=64, unique=True)
        tf_primary_method = CharField(max_length=64, null=True)
        tf_totp_secret = TextField(null=True)
        tf_counter = BigIntegerField(null=True)
        mf_recovery_codes = TextField(null=True)
        suspended_until = BigIntegerField(null=True)
        suspended_reason = TextField()
        silenced_until = BigIntegerField(null=True)
        posts_reviewed = BooleanField()
        created_at = BigIntegerField()
        last_seen_at = BigIntegerField(null=True)
        locale = CharField(max_length=20)
        timezone = CharField(max_length=60)
        theme = CharField(max_length=20)
        density = CharField(max_length=20)
        terms_accepted_at = BigIntegerField(null=True)
        unread_notices = IntegerField()
        demo = BooleanField()
        deleted_at = BigIntegerField(null=True)

        class Meta:
            table_name = "account"

    class Profile(db.Model):
        uid = CharField(max_length=40, unique=True)
        account = ForeignKeyField(Account, null=True, unique=True, backref="+", on_delete="SET NULL")
        name = CharField(max_length=120)
        name_key = CharField(max_length=240, index=True)
        handle = CharField(max_length=60, unique=True)
        avatar = CharField(max_length=255, null=True)
        source = CharField(max_length=120, null=True)
        source_key = CharField(max_length=120, null=True)
        source_url = CharField(max_length=500)
        created_at = BigIntegerField()
        demo = BooleanField()

        class Meta:
            table_name = "profile"
            indexes = ((("source", "source_key"), True),)

    class AccountRole(db.Model):
        account = ForeignKeyField(Account, backref="+", on_delete="CASCADE")
        role = CharField(max_length=60, index=True)

        class Meta:
            table_name = "account_role"
            primary_key = CompositeKey("account", "role")

    class Group(db.Model):
        uid = CharField(max_length=40, unique=True)
        name = CharField(max_length=80, unique=True)
        description = TextField()
        created_at = BigIntegerField()

        class Meta:
            table_name = "account_group"

    class GroupMember(db.Model):
        group = ForeignKeyField(Group, backref="+", on_delete="CASCADE")
        account = ForeignKeyField(Account, backref="+", on_delete="CASCADE")

        class Meta:
            table_name = "account_group_member"
            primary_key = CompositeKey("group", "account")

    class GroupRole(db.Model):
        group = ForeignKeyField(Group, backref="+", on_delete="CASCADE")
        role = CharField(max_length=60, index=True)

        class Meta:
            table_name = "account_group_role"
            primary_key = CompositeKey("group", "role")

    class Session(db.Model):
        key_hash = CharField(max_length=64, primary_key=True)
        uid = CharField(max_length=40, unique=True)
        account = ForeignKeyField(Account, null=True, backref="+", on_delete="CASCADE")
        data = TextField()
        address = CharField(max_length=60)
        agent = CharField(max_length=300)
        remember = BooleanField()
        roles = TextField(null=True)
        created_at = BigIntegerField()
        last_seen_at = BigIntegerField()
        expires_at = BigIntegerField(index=True)

        class Meta:
            table_name = "session"

    class ApiKey(db.Model):
        uid = CharField(max_length=40, unique=True)
        account = ForeignKeyField(Account, backref="+", on_delete="CASCADE")
        name = CharField(max_length=80)
        secret_hash = CharField(max_length=64)
        scopes = TextField()
        roles = TextField(null=True)
        created_at = BigIntegerField()
        expires_at = BigIntegerField(null=True)
        last_used_at = BigIntegerField(null=True)

        class Meta:
            table_name = "api_key"

    class Invitation(db.Model):
        uid = CharField(max_length=40, unique=True)
        email = CharField(max_length=254)
        email_key = CharField(max_length=254, index=True)
        roles = TextField()
        token_hash = CharField(max_length=64, unique=True)
        invited_by = ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
        created_at = BigIntegerField()
        expires_at = BigIntegerField()
        accepted_at = BigIntegerField(null=True)
        account = ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")

        class Meta:
            table_name = "invitation"

    class ClaimLink(db.Model):
        token_hash = CharField(max_length=64, primary_key=True)
        created_at = BigIntegerField()
        expires_at = BigIntegerField()
        used_at = BigIntegerField(null=True)

        class Meta:
            table_name = "claim_link"

    db.create_tables(
        [Account, Profile, AccountRole, Group, GroupMember, GroupRole, Session, ApiKey, Invitation, ClaimLink]
    )


def down(migrator, db):
    for table in (
        "claim_link",
        "invitation",
        "api_key",
        "session",
        "account_group_role",
        "account_group_member",
        "account_group",
        "account_role",
        "profile",
        "account",
    ):
        db.execute_sql(f"DROP TABLE {table}")
