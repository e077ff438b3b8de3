"""Everything that is known about customers: contact points, addresses, tags, custom fields, activities, merges, plans.

Stages became those of a lifecycle: a prospect is a lead, who was active is a customer, who was former has lapsed.
"""

from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    TextField,
)

SHARED = (
    "number VARCHAR(60)",
    "number_key VARCHAR(120)",
    "phone VARCHAR(60)",
    "phone_key VARCHAR(40)",
    "city VARCHAR(120)",
    "city_key VARCHAR(240)",
    "country VARCHAR(2)",
    "language VARCHAR(20)",
    "source VARCHAR(60)",
    "team_id INTEGER REFERENCES account_group (id) ON DELETE SET NULL",
    "updated_at BIGINT NOT NULL DEFAULT 0",
    "version INTEGER NOT NULL DEFAULT 1",
)
COLUMNS = {
    "customer": (
        *SHARED,
        "birthday VARCHAR(10)",
        "merged_into_id INTEGER REFERENCES customer (id) ON DELETE CASCADE",
    ),
    "organisation": (
        *SHARED,
        "email VARCHAR(254)",
        "email_key VARCHAR(254)",
        "website VARCHAR(300)",
        "stage VARCHAR(20) NOT NULL DEFAULT 'customer'",
        "owner_id INTEGER REFERENCES account (id) ON DELETE SET NULL",
        "merged_into_id INTEGER REFERENCES organisation (id) ON DELETE CASCADE",
    ),
}
INDEXES = {
    "customer": (
        "phone_key",
        "owner_id",
        "team_id",
        "stage, id",
        "created_at, id",
        "updated_at, id",
        "organisation_id",
        "merged_into_id",
    ),
    "organisation": (
        "email_key",
        "phone_key",
        "owner_id",
        "team_id",
        "created_at, id",
        "updated_at, id",
        "merged_into_id",
    ),
}
STAGES = (("prospect", "lead"), ("active", "customer"), ("former", "lapsed"))


def up(migrator, db):
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
        db.execute_sql(f"CREATE UNIQUE INDEX {table}_number_key ON {table} (number_key)")
        for indexed in INDEXES[table]:
            db.execute_sql(f"CREATE INDEX {index_name(table, indexed)} ON {table} ({indexed})")
        db.execute_sql(f"UPDATE {table} SET updated_at = created_at")
    for old, new in STAGES:
        db.execute_sql(f"UPDATE customer SET stage = '{new}' WHERE stage = '{old}'")
    db.create_tables(models(db))
    for sql in (
        "CREATE INDEX activity_task ON activity (assignee_id, due_at) WHERE kind = 'task' AND done_at IS NULL",
        "CREATE UNIQUE INDEX address_main_customer ON address (customer_id) WHERE main",
        "CREATE UNIQUE INDEX address_main_organisation ON address (organisation_id) WHERE main",
    ):
        db.execute_sql(sql)


def index_name(table, columns):
    return f"{table}_{columns.replace(', ', '_')}_index"


class Known:
    """The tables that others point to, and how they do."""

    def __init__(self, db):
        class Account(db.Model):
            class Meta:
                table_name = "account"

        class Customer(db.Model):
            class Meta:
                table_name = "customer"

        class Organisation(db.Model):
            class Meta:
                table_name = "organisation"

        self.account, self.customer, self.organisation = Account, Customer, Organisation

    def of(self, model, **more):
        """What goes with its customer or organisation."""
        return ForeignKeyField(model, backref="+", on_delete="CASCADE", **more)

    def of_one(self):
        """The columns of what belongs to either."""
        return self.of(self.customer, null=True), self.of(self.organisation, null=True)

    def person(self, **more):
        """One of the staff, who may leave."""
        return ForeignKeyField(self.account, null=True, backref="+", on_delete="SET NULL", **more)


ONE_OWNER = [Check("(customer_id IS NULL) <> (organisation_id IS NULL)")]


def contacts(db, known):
    class ContactPoint(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        customer, organisation = known.of_one()
        kind = CharField(max_length=10)
        value = CharField(max_length=254)
        value_key = CharField(max_length=254)
        label = CharField(max_length=40)
        created_at = BigIntegerField()

        class Meta:
            table_name = "contact_point"
            indexes = ((("value_key", "kind"), False),)
            constraints = ONE_OWNER

    class Address(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        customer, organisation = known.of_one()
        label = CharField(max_length=40)
        street = CharField(max_length=300)
        postcode = CharField(max_length=20)
        city = CharField(max_length=120)
        region = CharField(max_length=120)
        country = CharField(max_length=2)
        main = BooleanField()
        created_at = BigIntegerField()

        class Meta:
            table_name = "address"
            indexes = ((("postcode",), False),)
            constraints = ONE_OWNER

    return [ContactPoint, Address]


def tags(db, known):
    class CustomerTag(db.Model):
        customer = known.of(known.customer)
        tag = CharField(max_length=60)

        class Meta:
            table_name = "customer_tag"
            primary_key = CompositeKey("customer", "tag")
            indexes = ((("tag", "customer"), False),)

    class OrganisationTag(db.Model):
        organisation = known.of(known.organisation)
        tag = CharField(max_length=60)

        class Meta:
            table_name = "organisation_tag"
            primary_key = CompositeKey("organisation", "tag")
            indexes = ((("tag", "organisation"), False),)

    return [CustomerTag, OrganisationTag]


def fields(db, known):
    class CustomField(db.Model):
        uid = CharField(max_length=40, unique=True)
        subject = CharField(max_length=20)
        code = CharField(max_length=30)
        title = CharField(max_length=80)
        help = CharField(max_length=300)
        kind = CharField(max_length=10)
        choices = TextField()
        currency = CharField(max_length=3)
        required = BooleanField()
        indexed = BooleanField()
        position = IntegerField()
        archived_at = BigIntegerField(null=True)
        created_at = BigIntegerField()

        class Meta:
            table_name = "custom_field"
            indexes = ((("subject", "code"), True),)

    class CustomChoice(db.Model):
        id = BigAutoField()
        field = known.of(CustomField)
        customer, organisation = known.of_one()
        choice = CharField(max_length=60)

        class Meta:
            table_name = "custom_choice"
            indexes = (
                (("customer", "field", "choice"), True),
                (("organisation", "field", "choice"), True),
                (("field", "choice"), False),
            )
            constraints = ONE_OWNER

    class FieldRule(db.Model):
        subject = CharField(max_length=20)
        field = CharField(max_length=60)
        read_roles = TextField(null=True)
        edit_roles = TextField(null=True)

        class Meta:
            table_name = "customer_field_rule"
            primary_key = CompositeKey("subject", "field")

    return [CustomField, CustomChoice, FieldRule]


def activities(db, known):
    class Activity(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        customer, organisation = known.of_one()
        kind = CharField(max_length=10)
        subject = CharField(max_length=200)
        text = TextField()
        html = TextField()
        at = BigIntegerField()
        minutes = IntegerField(null=True)
        due_at = BigIntegerField(null=True)
        done_at = BigIntegerField(null=True)
        pinned = BooleanField()
        author = known.person()
        assignee = known.person(index=False)
        mail = CharField(max_length=40, null=True)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        version = IntegerField()

        class Meta:
            table_name = "activity"
            indexes = ((("customer", "at"), False), (("organisation", "at"), False))
            constraints = ONE_OWNER

    return [Activity]


def merges(db, known):
    class DuplicatePair(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        subject = CharField(max_length=20)
        first_id = IntegerField()
        second_id = IntegerField()
        score = IntegerField()
        reasons = TextField()
        state = CharField(max_length=10)
        found_at = BigIntegerField()
        decided_at = BigIntegerField(null=True)

        class Meta:
            table_name = "duplicate_pair"
            indexes = (
                (("subject", "first_id", "second_id"), True),
                (("subject", "second_id"), False),
                (("subject", "state", "score", "id"), False),
            )

    class CustomerMerge(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        subject = CharField(max_length=20)
        kept_id = IntegerField()
        merged_id = IntegerField()
        before = TextField()
        moved = TextField()
        actor = known.person()
        at = BigIntegerField()
        undone_at = BigIntegerField(null=True)

        class Meta:
            table_name = "customer_merge"
            indexes = ((("subject", "kept_id"), False), (("subject", "merged_id"), False))

    return [DuplicatePair, CustomerMerge]


def claims(db, known):
    class CustomerClaim(db.Model):
        customer = known.of(known.customer, unique=True)
        invitation = CharField(max_length=40, index=True)
        email = CharField(max_length=254)
        created_at = BigIntegerField()

        class Meta:
            table_name = "customer_claim"

    return [CustomerClaim]


def plans(db, known):
    class AccountPlan(db.Model):
        uid = CharField(max_length=40, unique=True)
        organisation = known.of(known.organisation)
        title = CharField(max_length=160)
        goal = TextField()
        owner = known.person()
        review_on = CharField(max_length=10, null=True)
        state = CharField(max_length=10)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        version = IntegerField()

        class Meta:
            table_name = "account_plan"
            indexes = ((("state", "review_on"), False),)

    class AccountPlanStep(db.Model):
        uid = CharField(max_length=40, unique=True)
        plan = known.of(AccountPlan)
        title = CharField(max_length=200)
        owner = known.person()
        due_on = CharField(max_length=10, null=True)
        done_at = BigIntegerField(null=True)
        position = IntegerField()

        class Meta:
            table_name = "account_plan_step"

    return [AccountPlan, AccountPlanStep]


def models(db):
    """Every new table, in the order in which they are made."""
    known = Known(db)
    parts = (contacts, tags, fields, activities, merges, claims, plans)
    return [model for part in parts for model in part(db, known)]


def down(migrator, db):
    for model in reversed(models(db)):
        db.execute_sql(f"DROP TABLE {model._meta.table_name}")
    for table, columns in COLUMNS.items():
        db.execute_sql(f"DROP INDEX {table}_number_key")
        for indexed in INDEXES[table]:
            db.execute_sql(f"DROP INDEX {index_name(table, indexed)}")
        for column in columns:
            db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
    for old, new in STAGES:
        db.execute_sql(f"UPDATE customer SET stage = '{old}' WHERE stage = '{new}'")
