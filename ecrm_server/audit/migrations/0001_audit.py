"""The audit log and the seals (a service without a part of its own; the audit log is its first user)."""

from ecrm_server.data.append_only import append_only, changeable
from peewee import BigAutoField, BigIntegerField, CharField, CompositeKey, TextField


def up(migrator, db):
    class SealChain(db.Model):
        name = CharField(max_length=60, primary_key=True)
        number = BigIntegerField()
        digest = CharField(max_length=64)

        class Meta:
            table_name = "seal_chain"

    class Seal(db.Model):
        chain = CharField(max_length=60)
        number = BigIntegerField()
        at = BigIntegerField()
        records = TextField()
        previous = CharField(max_length=64)
        digest = CharField(max_length=64)

        class Meta:
            table_name = "seal"
            primary_key = CompositeKey("chain", "number")

    class AuditEntry(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        at = BigIntegerField()
        action = CharField(max_length=120)
        actor_account_id = BigIntegerField(null=True)
        actor_kind = CharField(max_length=10)
        obj_kind = CharField(max_length=80)
        obj_uid = CharField(max_length=120)
        actor_commitment = CharField(max_length=64)
        actor_salt = CharField(max_length=32, null=True)
        actor_name = TextField(null=True)
        detail_commitment = CharField(max_length=64)
        detail_salt = CharField(max_length=32, null=True)
        before = TextField(null=True)
        after = TextField(null=True)
        note = TextField(null=True)
        seal = BigIntegerField(null=True)

        class Meta:
            table_name = "audit_entry"

    db.create_tables([SealChain, Seal, AuditEntry])
    db.execute_sql("CREATE INDEX audit_entry_unsealed ON audit_entry (id) WHERE seal IS NULL")
    db.execute_sql("CREATE INDEX audit_entry_seal ON audit_entry (seal)")
    db.execute_sql("CREATE INDEX audit_entry_action ON audit_entry (action, id)")
    db.execute_sql("CREATE INDEX audit_entry_actor ON audit_entry (actor_account_id, id)")
    db.execute_sql("CREATE INDEX audit_entry_object ON audit_entry (obj_kind, obj_uid, id)")
    erasable = ("actor_salt", "actor_name", "detail_salt", "before", "after", "note")
    append_only(db, "audit_entry", may_change=("seal", *erasable))
    append_only(db, "seal")


def down(migrator, db):
    for table in ("audit_entry", "seal"):
        changeable(db, table)
    for table in ("audit_entry", "seal", "seal_chain"):
        db.execute_sql(f"DROP TABLE {table}")
