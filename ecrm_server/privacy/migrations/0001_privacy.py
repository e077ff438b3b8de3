"""Requests for one's data and for erasure, what is still to be erased, consents."""

from ecrm_server.data.append_only import append_only, changeable
from peewee import BigAutoField, BigIntegerField, CharField, CompositeKey, TextField


def up(migrator, db):
    class DataRequest(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        kind = CharField(max_length=10)
        account_id = BigIntegerField(index=True)
        asked_by = BigIntegerField(null=True)
        state = CharField(max_length=10)
        job = CharField(max_length=40)
        error = TextField()
        file = CharField(max_length=120, null=True)
        at = BigIntegerField()
        finished_at = BigIntegerField(null=True)
        expires_at = BigIntegerField(null=True)

        class Meta:
            table_name = "data_request"

    class ErasureDebt(db.Model):
        account_id = BigIntegerField()
        profile_id = BigIntegerField()
        part = CharField(max_length=60)
        at = BigIntegerField()
        error = TextField()

        class Meta:
            table_name = "erasure_debt"
            primary_key = CompositeKey("account_id", "part")

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

    db.create_tables([DataRequest, ErasureDebt, Consent])
    db.execute_sql("CREATE INDEX data_request_expiry ON data_request (expires_at) WHERE file IS NOT NULL")
    db.execute_sql(
        "CREATE UNIQUE INDEX data_request_open ON data_request (account_id, kind) WHERE state IN ('waiting', 'running')"
    )
    db.execute_sql("CREATE UNIQUE INDEX consent_given ON consent (account_id, purpose) WHERE withdrawn_at IS NULL")
    append_only(db, "consent", may_change=("withdrawn_at",))


def down(migrator, db):
    changeable(db, "consent")
    for table in ("consent", "erasure_debt", "data_request"):
        db.execute_sql(f"DROP TABLE {table}")
