"""Answers kept for requests that may be repeated."""

from peewee import BigIntegerField, CharField, CompositeKey, IntegerField, TextField


def up(migrator, db):
    class IdempotentAnswer(db.Model):
        account_id = BigIntegerField()
        key = CharField(max_length=100)
        digest = CharField(max_length=64)
        status = IntegerField()
        body = TextField()
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "rest_idempotent_answer"
            primary_key = CompositeKey("account_id", "key")

    db.create_tables([IdempotentAnswer])


def down(migrator, db):
    db.execute_sql("DROP TABLE rest_idempotent_answer")
