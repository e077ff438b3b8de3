"""What was sent under a key of the browser's own, so that sending it again does nothing."""

from peewee import BigIntegerField, CharField, CompositeKey


def up(migrator, db):
    class Sent(db.Model):
        account_id = BigIntegerField()
        key = CharField(max_length=40)
        made = CharField(max_length=40)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "forums_sent"
            primary_key = CompositeKey("account_id", "key")

    db.create_tables([Sent])


def down(migrator, db):
    db.execute_sql("DROP TABLE forums_sent")
