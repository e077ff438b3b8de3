"""Lines."""

from __future__ import annotations

from peewee import CharField, TextField


def up(migrator, db):
    class Line(db.Model):
        uid = CharField(unique=True)
        room = CharField(index=True)
        text = TextField()

        class Meta:
            table_name = "talk_line"

    db.create_tables([Line])


def down(migrator, db):
    db.execute_sql("DROP TABLE talk_line")
