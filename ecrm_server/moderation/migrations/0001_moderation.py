"""Flags, the review queue, decisions with their appeals."""

from peewee import BigAutoField, BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, TextField


def up(migrator, db):
    class Account(db.Model):
        class Meta:
            table_name = "account"

    class Profile(db.Model):
        class Meta:
            table_name = "profile"

    def account():
        return ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")

    class Decision(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        obj_kind = CharField(max_length=80)
        obj_uid = CharField(max_length=40)
        title = TextField()
        url = TextField()
        author = ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
        measure = CharField(max_length=10)
        reason = CharField(max_length=40)
        rule = TextField()
        statement = TextField()
        automated = BooleanField()
        until = BigIntegerField(null=True)
        decided_by = account()
        at = BigIntegerField()
        appealable_until = BigIntegerField(null=True)
        appeal_state = CharField(max_length=10)
        appeal_text = TextField()
        appeal_at = BigIntegerField(null=True)
        appeal_answer = TextField()
        appeal_decided_by = account()
        appeal_decided_at = BigIntegerField(null=True)

        class Meta:
            table_name = "moderation_decision"

    class ReviewItem(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        obj_kind = CharField(max_length=80)
        obj_uid = CharField(max_length=40)
        author = ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
        why = CharField(max_length=20)
        state = CharField(max_length=10)
        flags = IntegerField()
        decision = ForeignKeyField(Decision, null=True, backref="+", on_delete="SET NULL")
        at = BigIntegerField()
        decided_by = account()
        decided_at = BigIntegerField(null=True)

        class Meta:
            table_name = "review_item"

    class Flag(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        obj_kind = CharField(max_length=80)
        obj_uid = CharField(max_length=40)
        reason = CharField(max_length=40)
        text = TextField()
        reporter = account()
        state = CharField(max_length=10)
        at = BigIntegerField()

        class Meta:
            table_name = "flag"

    db.create_tables([Decision, ReviewItem, Flag])
    db.execute_sql(
        "CREATE UNIQUE INDEX flag_once ON flag (obj_kind, obj_uid, reporter_id) WHERE state = 'open'"
    )
    db.execute_sql("CREATE INDEX flag_by_reporter ON flag (reporter_id, at)")
    # One open question about an object at a time; each appeal is a question of its own.
    db.execute_sql(
        "CREATE UNIQUE INDEX review_item_open ON review_item (obj_kind, obj_uid, (COALESCE(decision_id, 0)))"
        " WHERE state = 'open'"
    )
    db.execute_sql("CREATE INDEX review_item_state ON review_item (state, id)")
    db.execute_sql("CREATE INDEX review_item_newcomer ON review_item (author_id, state)")
    db.execute_sql("CREATE INDEX moderation_decision_by_author ON moderation_decision (author_id, id)")


def down(migrator, db):
    for table in ("flag", "review_item", "moderation_decision"):
        db.execute_sql(f"DROP TABLE {table}")
