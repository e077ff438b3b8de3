"""The runs of imports and their checkpoints."""

from peewee import BigIntegerField, CharField, TextField


def up(migrator, db):
    class ImportRun(db.Model):
        uid = CharField(max_length=40, unique=True)
        kind = CharField(max_length=40)
        source = CharField(max_length=200)
        path = CharField(max_length=500)
        digest = CharField(max_length=64)
        state = CharField(max_length=12)
        phase = CharField(max_length=40)
        position = BigIntegerField()
        counts = TextField()
        started_at = BigIntegerField()
        updated_at = BigIntegerField()
        finished_at = BigIntegerField(null=True)

        class Meta:
            table_name = "import_run"

    db.create_tables([ImportRun])
    db.execute_sql("CREATE INDEX import_run_open ON import_run (kind, source) WHERE state = 'running'")


def down(migrator, db):
    db.execute_sql("DROP TABLE import_run")
