"""The segments' tables."""

import peewee
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

ABOUT_CUSTOMERS = ("member", "next", "touched", "passage", "purchases")
TABLES = (*ABOUT_CUSTOMERS, "segment", "state")
INDEXES = (
    "CREATE INDEX segments_member_customer ON segments_member (customer_id, segment_id)",
    "CREATE INDEX segments_next_at ON segments_next (at)",
    "CREATE INDEX segments_next_customer ON segments_next (customer_id)",
    "CREATE INDEX segments_touched_customer ON segments_touched (customer_id)",
    "CREATE INDEX segments_passage_customer ON segments_passage (customer_id, at)",
    "CREATE INDEX segments_passage_at ON segments_passage (at)",
    "CREATE INDEX segments_segment_owner ON segments_segment (owner_id)",
)
# What foreign keys would do, without their price for each of a million members.
_UNCOUNT = (
    "UPDATE segments_segment SET member_count = member_count - 1 WHERE id IN"
    " (SELECT segment_id FROM segments_member WHERE customer_id = OLD.id);"
)
FORGET = (
    _UNCOUNT,
    *(f"DELETE FROM segments_{table} WHERE customer_id = OLD.id;" for table in ABOUT_CUSTOMERS),
)


def up(migrator, db):
    class Account(db.Model):
        class Meta:
            table_name = "account"

    class State(db.Model):
        version = BigIntegerField()
        as_of = BigIntegerField(null=True)
        filled = BooleanField()
        filling = BooleanField()

        class Meta:
            table_name = "segments_state"

    class Segment(db.Model):
        uid = CharField(max_length=40, unique=True)
        title = CharField(max_length=120)
        title_key = CharField(max_length=240, unique=True)
        description = TextField()
        kind = CharField(max_length=10)
        rule = TextField(null=True)
        traits = TextField()
        version = IntegerField()
        state = CharField(max_length=10)
        fault = TextField()
        build = IntegerField()
        member_count = BigIntegerField()
        built_at = BigIntegerField(null=True)
        owner = ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL", index=False)
        archived_at = BigIntegerField(null=True)
        demo = BooleanField()
        created_at = BigIntegerField()
        updated_at = BigIntegerField()

        class Meta:
            table_name = "segments_segment"

    db.create_tables([State, Segment, *_about_customers(db)])
    for statement in INDEXES:
        db.execute_sql(statement)
    db.execute_sql("INSERT INTO segments_state (id, version, filled, filling) VALUES (1, 1, FALSE, FALSE)")
    _forget_with_customers(db)


def _about_customers(db):
    clustered = not isinstance(db, peewee.PostgresqlDatabase)

    class Member(db.Model):
        segment_id = IntegerField()
        customer_id = IntegerField()
        since = BigIntegerField()

        class Meta:
            table_name = "segments_member"
            primary_key = CompositeKey("segment_id", "customer_id")
            without_rowid = clustered

    class Next(db.Model):
        segment_id = IntegerField()
        customer_id = IntegerField()
        at = BigIntegerField()

        class Meta:
            table_name = "segments_next"
            primary_key = CompositeKey("segment_id", "customer_id")
            without_rowid = clustered

    class Touched(db.Model):
        segment_id = IntegerField()
        customer_id = IntegerField()

        class Meta:
            table_name = "segments_touched"
            primary_key = CompositeKey("segment_id", "customer_id")

    class Passage(db.Model):
        id = BigAutoField()
        customer_id = IntegerField()
        segment_id = IntegerField()
        entered = BooleanField()
        cause = CharField(max_length=10)
        at = BigIntegerField()

        class Meta:
            table_name = "segments_passage"

    class Purchases(db.Model):
        customer_id = IntegerField()
        currency = CharField(max_length=3)
        first_at = BigIntegerField()
        last_at = BigIntegerField()
        orders = IntegerField()
        spent = BigIntegerField()

        class Meta:
            table_name = "segments_purchases"
            primary_key = CompositeKey("customer_id", "currency")

    return [Member, Next, Touched, Passage, Purchases]


def _forget_with_customers(db):
    body = " ".join(FORGET)
    if isinstance(db, peewee.PostgresqlDatabase):
        db.execute_sql(
            f"CREATE FUNCTION segments_forget() RETURNS trigger AS $$ BEGIN {body} RETURN OLD; END $$ LANGUAGE plpgsql"
        )
        db.execute_sql(
            "CREATE TRIGGER segments_forget AFTER DELETE ON customer FOR EACH ROW EXECUTE FUNCTION segments_forget()"
        )
    else:
        db.execute_sql(f"CREATE TRIGGER segments_forget AFTER DELETE ON customer BEGIN {body} END")


def down(migrator, db):
    if isinstance(db, peewee.PostgresqlDatabase):
        db.execute_sql("DROP TRIGGER segments_forget ON customer")
        db.execute_sql("DROP FUNCTION segments_forget()")
    else:
        db.execute_sql("DROP TRIGGER segments_forget")
    for table in TABLES:
        db.execute_sql(f"DROP TABLE segments_{table}")
