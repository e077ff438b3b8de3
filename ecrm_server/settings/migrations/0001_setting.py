"""Settings of core and plugins."""

from peewee import BigIntegerField, CharField, TextField


def up(migrator, db):
    class Setting(db.Model):
        name = CharField(max_length=120, primary_key=True)
        value = TextField()
        changed_at = BigIntegerField()

        class Meta:
            table_name = "setting"

    db.create_tables([Setting])


def down(migrator, db):
    db.execute_sql("DROP TABLE setting")
