"""How far the mailbox was read, and fingerprints of what was taken from it."""

from peewee import BigIntegerField, CharField, IntegerField, TextField


def up(migrator, db):
    class Mailbox(db.Model):
        name = CharField(max_length=400, primary_key=True)
        validity = BigIntegerField()
        last_uid = BigIntegerField()
        looked_at = BigIntegerField(null=True)
        next_at = BigIntegerField()
        failures = IntegerField()
        error = TextField()
        stumbles = IntegerField()
        answers = BigIntegerField()
        bounces = BigIntegerField()
        others = BigIntegerField()
        unreadable = BigIntegerField()

        class Meta:
            table_name = "mailbox"

    class Taken(db.Model):
        key = CharField(max_length=64, primary_key=True)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "mailbox_taken"

    db.create_tables([Mailbox, Taken])


def down(migrator, db):
    db.execute_sql("DROP TABLE mailbox_taken")
    db.execute_sql("DROP TABLE mailbox")
