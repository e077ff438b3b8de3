"""Customers, organisations, memberships."""

from peewee import BooleanField, BigIntegerField, CharField, CompositeKey, ForeignKeyField


def up(migrator, db):
    class Account(db.Model):
        class Meta:
            table_name = "account"

    class Organisation(db.Model):
        uid = CharField(max_length=40, unique=True)
        name = CharField(max_length=160)
        name_key = CharField(max_length=320)
        slug = CharField(max_length=80, unique=True)
        kind = CharField(max_length=10)
        created_at = BigIntegerField()
        demo = BooleanField()

        class Meta:
            table_name = "organisation"
            indexes = ((("name_key", "id"), False),)

    class Customer(db.Model):
        uid = CharField(max_length=40, unique=True)
        name = CharField(max_length=160)
        name_key = CharField(max_length=320)
        email = CharField(max_length=254, null=True)
        email_key = CharField(max_length=254, null=True, index=True)
        account = ForeignKeyField(Account, null=True, unique=True, backref="+", on_delete="SET NULL")
        organisation = ForeignKeyField(Organisation, null=True, backref="+", on_delete="SET NULL")
        stage = CharField(max_length=20)
        owner = ForeignKeyField(Account, null=True, backref="+", on_delete="SET NULL")
        created_at = BigIntegerField()
        demo = BooleanField()

        class Meta:
            table_name = "customer"
            indexes = ((("name_key", "id"), False),)

    class Membership(db.Model):
        organisation = ForeignKeyField(Organisation, backref="+", on_delete="CASCADE")
        customer = ForeignKeyField(Customer, backref="+", on_delete="CASCADE")
        role = CharField(max_length=10)
        created_at = BigIntegerField()

        class Meta:
            table_name = "membership"
            primary_key = CompositeKey("organisation", "customer")

    db.create_tables([Organisation, Customer, Membership])


def down(migrator, db):
    for table in ("membership", "customer", "organisation"):
        db.execute_sql(f"DROP TABLE {table}")
