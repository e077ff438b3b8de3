"""What stands beside a customer can be changed, removed and put back, and whoever it is for is told when it is due."""

from peewee import BigAutoField, BigIntegerField, CharField, Check, ForeignKeyField, TextField

COLUMNS = (
    ("contact_point", "version INTEGER NOT NULL DEFAULT 1"),
    ("address", "version INTEGER NOT NULL DEFAULT 1"),
    ("activity", "edited_at BIGINT"),
    ("activity", "told_at BIGINT"),
    ("account_plan", "told_on VARCHAR(10)"),
    ("account_plan_step", "told_on VARCHAR(10)"),
    ("account_plan_step", "version INTEGER NOT NULL DEFAULT 1"),
)
INDEXES = (
    (
        "account_plan_step_due",
        "account_plan_step (due_on) WHERE done_at IS NULL AND due_on IS NOT NULL",
    ),
    ("activity_due", "activity (due_at) WHERE kind = 'task' AND done_at IS NULL AND due_at IS NOT NULL"),
)


def up(migrator, db):
    for table, column in COLUMNS:
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
    for name, indexed in INDEXES:
        db.execute_sql(f"CREATE INDEX {name} ON {indexed}")
    db.create_tables([removed(db)])


def removed(db):
    class Account(db.Model):
        class Meta:
            table_name = "account"

    class Customer(db.Model):
        class Meta:
            table_name = "customer"

    class Organisation(db.Model):
        class Meta:
            table_name = "organisation"

    class CustomerRemoved(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        customer = ForeignKeyField(Customer, null=True, backref="+", on_delete="CASCADE")
        organisation = ForeignKeyField(Organisation, null=True, backref="+", on_delete="CASCADE")
        kind = CharField(max_length=10)
        data = TextField()
        actor = ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
        created_at = BigIntegerField(index=True)

        class Meta:
            table_name = "customer_removed"
            constraints = [Check("(customer_id IS NULL) <> (organisation_id IS NULL)")]

    return CustomerRemoved


def down(migrator, db):
    db.execute_sql("DROP TABLE customer_removed")
    for name, _ in INDEXES:
        db.execute_sql(f"DROP INDEX {name}")
    for table, column in reversed(COLUMNS):
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
