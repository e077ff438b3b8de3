"""The position of every room and its latest messages."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, CompositeKey


def up(migrator, db):
    class ChannelRow(db.Model):
        room = CharField(max_length=120, primary_key=True)
        seq = BigIntegerField()

        class Meta:
            table_name = "channel"

    class ChannelMessage(db.Model):
        room = CharField(max_length=120)
        seq = BigIntegerField()
        name = CharField(max_length=100)
        ref = CharField(max_length=120)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "channel_message"
            primary_key = CompositeKey("room", "seq")

    db.create_tables([ChannelRow, ChannelMessage])


def down(migrator, db):
    db.execute_sql("DROP TABLE channel_message")
    db.execute_sql("DROP TABLE channel")
