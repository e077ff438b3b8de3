"""The outbox and its deliveries."""

from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    TextField,
)


def up(migrator, db):
    class EventRow(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=36, unique=True)
        name = CharField(max_length=100)
        version = IntegerField()
        data = TextField()
        at = BigIntegerField()
        actor_id = BigIntegerField(null=True)
        imported = BooleanField()
        delivered_at = BigIntegerField(null=True)

        class Meta:
            table_name = "event"

    class EventDelivery(db.Model):
        event = ForeignKeyField(EventRow, backref="+", on_delete="CASCADE")
        subscriber = CharField(max_length=120)
        state = CharField(max_length=10)
        attempts = IntegerField()
        next_at = BigIntegerField(null=True)
        error = TextField()
        at = BigIntegerField()

        class Meta:
            table_name = "event_delivery"
            primary_key = CompositeKey("event", "subscriber")

    db.create_tables([EventRow, EventDelivery])
    db.execute_sql("CREATE INDEX event_undelivered ON event (id) WHERE delivered_at IS NULL")
    db.execute_sql("CREATE INDEX event_name_id ON event (name, id)")
    db.execute_sql(
        "CREATE INDEX event_delivery_open ON event_delivery (state, next_at) WHERE state <> 'done'"
    )


def down(migrator, db):
    db.execute_sql("DROP TABLE event_delivery")
    db.execute_sql("DROP TABLE event")
