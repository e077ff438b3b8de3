"""How the periods were kept."""

from peewee import BigAutoField, BigIntegerField, CharField, IntegerField, TextField


def up(migrator, db):
    class RetentionRun(db.Model):
        id = BigAutoField()
        name = CharField(max_length=80)
        days = IntegerField()
        at = BigIntegerField(index=True)
        removed = IntegerField()
        error = TextField()

        class Meta:
            table_name = "retention_run"
            indexes = ((("name", "id"), False),)

    db.create_tables([RetentionRun])


def down(migrator, db):
    db.execute_sql("DROP TABLE retention_run")
