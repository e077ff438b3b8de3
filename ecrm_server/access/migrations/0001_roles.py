"""Roles, the built-in ones included."""

import time

from peewee import BigIntegerField, BooleanField, CharField, CompositeKey, ForeignKeyField, TextField

BUILT_IN = (
    ("everyone", "Everyone", "Every visitor, signed in or not."),
    ("member", "Member", "Every signed-in person."),
    ("moderator", "Moderator", "Keeps the conversation civil."),
    ("staff", "Staff", "Works with customers."),
    ("admin", "Administrator", "May do everything."),
)


def up(migrator, db):
    class Role(db.Model):
        name = CharField(max_length=60, unique=True)
        title = CharField(max_length=120)
        description = TextField()
        built_in = BooleanField()
        created_at = BigIntegerField()

        class Meta:
            table_name = "role"

    class RolePermission(db.Model):
        role = ForeignKeyField(Role, backref="+", on_delete="CASCADE")
        permission = CharField(max_length=120)
        allowed = BooleanField()

        class Meta:
            table_name = "role_permission"
            primary_key = CompositeKey("role", "permission")

    db.create_tables([Role, RolePermission])
    now = time.time_ns() // 1_000_000
    for name, title, description in BUILT_IN:
        Role.create(name=name, title=title, description=description, built_in=True, created_at=now)


def down(migrator, db):
    db.execute_sql("DROP TABLE role_permission")
    db.execute_sql("DROP TABLE role")
