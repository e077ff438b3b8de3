"""Decisions, their present state, visits, questions put off. Takes over what the privacy part kept of consents."""

import hashlib

from ecrm_server import ids
from ecrm_server.data.append_only import append_only, changeable
from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
)
from peewee import TextField


def up(migrator, db):
    class ConsentRecord(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        account_id = BigIntegerField(null=True, index=True)
        visitor = CharField(max_length=64, null=True, index=True)
        purpose = CharField(max_length=80)
        decision = CharField(max_length=10)
        basis = CharField(max_length=20)
        source = CharField(max_length=20)
        place = CharField(max_length=200)
        version = IntegerField()
        wording = TextField()
        digest = CharField(max_length=64)
        actor_id = BigIntegerField(null=True)
        at = BigIntegerField()

        class Meta:
            table_name = "consent_record"

    class ConsentState(db.Model):
        id = BigAutoField()
        account_id = BigIntegerField(null=True)
        visitor = CharField(max_length=64, null=True)
        purpose = CharField(max_length=80)
        given = BooleanField()
        version = IntegerField()
        at = BigIntegerField()

        class Meta:
            table_name = "consent_state"
            indexes = ((("account_id", "purpose"), True), (("visitor", "purpose"), True))

    class Visit(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        account_id = BigIntegerField(null=True, index=True)
        visitor = CharField(max_length=64, null=True, index=True)
        source = CharField(max_length=200)
        search_term = CharField(max_length=200)
        utm_source = CharField(max_length=120)
        utm_medium = CharField(max_length=120)
        utm_campaign = CharField(max_length=120)
        utm_term = CharField(max_length=120)
        utm_content = CharField(max_length=120)
        landing = CharField(max_length=300)
        last_path = CharField(max_length=300)
        pages = IntegerField()
        started_at = BigIntegerField()
        last_at = BigIntegerField(index=True)

        class Meta:
            table_name = "visit"

    class VisitPage(db.Model):
        id = BigAutoField()
        visit = ForeignKeyField(Visit, backref="+", on_delete="CASCADE")
        path = CharField(max_length=300)
        at = BigIntegerField()

        class Meta:
            table_name = "visit_page"

    class PutOff(db.Model):
        account_id = BigIntegerField()
        question = CharField(max_length=80)
        until = BigIntegerField()

        class Meta:
            table_name = "question_put_off"
            primary_key = CompositeKey("account_id", "question")

    db.create_tables([ConsentRecord, ConsentState, Visit, VisitPage, PutOff])
    _take_over(db, ConsentRecord, ConsentState)
    append_only(db, "consent_record")
    changeable(db, "consent")
    db.execute_sql("DROP TABLE consent")
    db.execute_sql("UPDATE setting SET name = 'consent.purposes' WHERE name = 'privacy.purposes'")


def _take_over(db, records, states):
    rows = db.execute_sql(
        "SELECT account_id, purpose, basis, wording, source, at, withdrawn_at FROM consent ORDER BY id"
    )
    for account_id, purpose, basis, wording, source, at, withdrawn_at in list(rows):
        for decision, when in (("given", at), ("withdrawn", withdrawn_at)):
            if when is not None:
                records.create(
                    uid=ids.public_id(), account_id=account_id, purpose=purpose, decision=decision, basis=basis,
                    source="page", place=source, version=1, wording=wording,
                    digest=hashlib.sha256(wording.encode()).hexdigest(), actor_id=account_id, at=when,
                )  # fmt: skip
        known = (states.account_id == account_id) & (states.purpose == purpose)
        states.delete().where(known).execute()
        states.create(
            account_id=account_id,
            purpose=purpose,
            given=withdrawn_at is None,
            version=1,
            at=withdrawn_at or at,
        )


def down(migrator, db):
    class Consent(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        account_id = BigIntegerField()
        purpose = CharField(max_length=40)
        basis = CharField(max_length=20)
        wording = TextField()
        source = CharField(max_length=120)
        at = BigIntegerField()
        withdrawn_at = BigIntegerField(null=True)

        class Meta:
            table_name = "consent"

    changeable(db, "consent_record")
    for table in ("question_put_off", "visit_page", "visit", "consent_state", "consent_record"):
        db.execute_sql(f"DROP TABLE {table}")
    db.create_tables([Consent])
    db.execute_sql(
        "CREATE UNIQUE INDEX consent_given ON consent (account_id, purpose) WHERE withdrawn_at IS NULL"
    )
    append_only(db, "consent", may_change=("withdrawn_at",))
