"""Imports of tables: their options and files, what they changed, and mappings kept by name."""

from peewee import BigAutoField, BigIntegerField, CharField, ForeignKeyField, TextField

COLUMNS = (
    "options TEXT NOT NULL DEFAULT '{}'", "report TEXT NOT NULL DEFAULT '{}'", "total BIGINT", "account_id BIGINT",
    "job VARCHAR(40) NOT NULL DEFAULT ''", "file VARCHAR(120) NOT NULL DEFAULT ''",
    "error_file VARCHAR(120) NOT NULL DEFAULT ''",
)


def up(migrator, db):
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE import_run ADD COLUMN {column}")

    class ImportRun(db.Model):
        class Meta:
            table_name = "import_run"

    class ImportChange(db.Model):
        id = BigAutoField()
        run = ForeignKeyField(ImportRun, backref="+", on_delete="CASCADE", index=False)
        row_number = BigIntegerField()
        kind = CharField(max_length=40)
        object_uid = CharField(max_length=40)
        what = CharField(max_length=8)
        before = TextField()
        after = TextField()

        class Meta:
            table_name = "import_change"
            indexes = ((("object_uid", "kind"), False), (("run", "id"), False))

    class ImportTemplate(db.Model):
        uid = CharField(max_length=40, unique=True)
        kind = CharField(max_length=40)
        name = CharField(max_length=80)
        options = TextField()
        account_id = BigIntegerField(null=True)
        created_at = BigIntegerField()

        class Meta:
            table_name = "import_template"
            indexes = ((("kind", "name"), True),)

    db.create_tables([ImportChange, ImportTemplate])


def down(migrator, db):
    db.execute_sql("DROP TABLE import_template")
    db.execute_sql("DROP TABLE import_change")
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE import_run DROP COLUMN {column.split()[0]}")
