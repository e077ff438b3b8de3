"""Stored views of lists, and bulk actions."""

from peewee import BigAutoField, BigIntegerField, CharField, CompositeKey, ForeignKeyField, IntegerField, TextField


def up(migrator, db):
    class ListView(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        list = CharField(max_length=120)
        owner_id = BigIntegerField()
        title = CharField(max_length=80)
        state = TextField()
        shared = CharField(max_length=10)
        group_id = BigIntegerField(null=True)
        version = IntegerField()
        created_at = BigIntegerField()
        updated_at = BigIntegerField()

        class Meta:
            table_name = "list_view"

    class ListDefault(db.Model):
        account_id = BigIntegerField()
        list = CharField(max_length=120)
        view = ForeignKeyField(ListView, on_delete="CASCADE")

        class Meta:
            table_name = "list_default"
            primary_key = CompositeKey("account_id", "list")

    class ListBulk(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        list = CharField(max_length=120)
        action = CharField(max_length=60)
        value = CharField(max_length=200)
        account_id = BigIntegerField(null=True)
        rows = TextField()
        as_of = BigIntegerField()
        last_id = BigIntegerField()
        top_id = BigIntegerField()
        total = IntegerField(null=True)
        done = IntegerField()
        state = CharField(max_length=10)
        error = TextField()
        created_at = BigIntegerField()
        finished_at = BigIntegerField(null=True)

        class Meta:
            table_name = "list_bulk"

    class ListBulkStep(db.Model):
        bulk = ForeignKeyField(ListBulk, on_delete="CASCADE")
        number = IntegerField()
        rows = IntegerField()
        undo = TextField(null=True)

        class Meta:
            table_name = "list_bulk_step"
            primary_key = CompositeKey("bulk", "number")

    db.create_tables([ListView, ListDefault, ListBulk, ListBulkStep])
    db.execute_sql("CREATE INDEX list_view_list ON list_view (list, owner_id)")
    db.execute_sql("CREATE INDEX list_bulk_account ON list_bulk (account_id, id)")


def down(migrator, db):
    for table in ("list_bulk_step", "list_bulk", "list_default", "list_view"):
        db.execute_sql(f"DROP TABLE {table}")
