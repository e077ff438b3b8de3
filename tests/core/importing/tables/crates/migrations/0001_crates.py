"""Crates."""

from peewee import BigIntegerField, BooleanField, CharField, DoubleField, IntegerField, TextField


def up(migrator, db):
    class Crate(db.Model):
        uid = CharField(max_length=40, unique=True)
        code = CharField(max_length=40, unique=True)
        sender = CharField(max_length=254, null=True)
        phone = CharField(max_length=40, null=True)
        country = CharField(max_length=2, null=True)
        size = CharField(max_length=10, null=True)
        weight = DoubleField(null=True)
        pieces = BigIntegerField(null=True)
        worth = BigIntegerField(null=True)
        fragile = BooleanField(null=True)
        due = CharField(max_length=10, null=True)
        sent_at = BigIntegerField(null=True)
        labels = TextField(null=True)
        holds = IntegerField(default=0)

        class Meta:
            table_name = "crates_crate"

    db.create_tables([Crate])


def down(migrator, db):
    db.execute_sql("DROP TABLE crates_crate")
