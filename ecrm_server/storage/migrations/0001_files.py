"""Files that people uploaded."""

from peewee import BigAutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField


def up(migrator, db):
    class Profile(db.Model):
        class Meta:
            table_name = "profile"

    class StoredFile(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        key = CharField(max_length=120, unique=True, column_name="store_key")
        media_type = CharField(max_length=120)
        name = CharField(max_length=120)
        size = BigIntegerField()
        width = IntegerField(null=True)
        height = IntegerField(null=True)
        owner = ForeignKeyField(Profile, null=True, backref="+", on_delete="SET NULL")
        attached_kind = CharField(max_length=120)
        attached_uid = CharField(max_length=40)
        created_at = BigIntegerField()

        class Meta:
            table_name = "stored_file"

    db.create_tables([StoredFile])
    db.execute_sql("CREATE INDEX stored_file_attached ON stored_file (attached_kind, attached_uid)")
    db.execute_sql("CREATE INDEX stored_file_unattached ON stored_file (created_at) WHERE attached_kind = ''")


def down(migrator, db):
    db.execute_sql("DROP TABLE stored_file")
