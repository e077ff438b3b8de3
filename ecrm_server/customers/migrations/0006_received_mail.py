"""Mails that came in: threads among the activities, and what is known of each."""

from peewee import BooleanField, CharField, ForeignKeyField, TextField

INDEXES = (
    "CREATE INDEX activity_mail ON activity (mail) WHERE mail IS NOT NULL",
    "CREATE INDEX activity_thread_id ON activity (thread_id) WHERE thread_id IS NOT NULL",
    "CREATE INDEX activity_customer_shown ON activity (customer_id, shown_at) WHERE thread_id IS NULL",
    "CREATE INDEX activity_organisation_shown ON activity (organisation_id, shown_at) WHERE thread_id IS NULL",
)


def up(migrator, db):
    class Activity(db.Model):
        class Meta:
            table_name = "activity"

    class ReceivedMail(db.Model):
        activity = ForeignKeyField(Activity, primary_key=True, backref="+", on_delete="CASCADE")
        answers = ForeignKeyField(Activity, null=True, backref="+", on_delete="SET NULL")
        message_id = CharField(max_length=254)
        nature = CharField(max_length=10)
        reason = CharField(max_length=300)
        name = CharField(max_length=160)
        address = CharField(max_length=254)
        quoted = TextField()
        files = TextField()
        cut = BooleanField()

        class Meta:
            table_name = "received_mail"

    db.execute_sql(
        "ALTER TABLE activity ADD COLUMN thread_id BIGINT REFERENCES activity (id) ON DELETE SET NULL"
    )
    db.execute_sql("ALTER TABLE activity ADD COLUMN shown_at BIGINT NOT NULL DEFAULT 0")
    db.execute_sql("UPDATE activity SET shown_at = at")
    for sql in INDEXES:
        db.execute_sql(sql)
    db.create_tables([ReceivedMail])


def down(migrator, db):
    db.execute_sql("DROP TABLE received_mail")
    for sql in INDEXES:
        db.execute_sql(f"DROP INDEX {sql.split()[2]}")
    db.execute_sql("ALTER TABLE activity DROP COLUMN shown_at")
    db.execute_sql("ALTER TABLE activity DROP COLUMN thread_id")
