"""Indexes that only cost: each begins like another one of its table, or holds nothing but empty values."""

TWICE = {
    "customer_owner_id_index": "customer (owner_id)",
    "customer_organisation_id_index": "customer (organisation_id)",
    "customertag_customer_id": "customer_tag (customer_id)",
    "organisationtag_organisation_id": "organisation_tag (organisation_id)",
    "customchoice_customer_id": "custom_choice (customer_id)",
    "customchoice_organisation_id": "custom_choice (organisation_id)",
    "customchoice_field_id": "custom_choice (field_id)",
    "activity_customer_id": "activity (customer_id)",
    "activity_organisation_id": "activity (organisation_id)",
    "membership_organisation_id": "membership (organisation_id)",
}
MERGED = ("customer", "organisation")


def up(migrator, db):
    for name in TWICE:
        db.execute_sql(f"DROP INDEX {name}")
    # Without statistics SQLite takes "merged_into_id IS NULL" for rare, and would look for it in an index of all rows.
    for table in MERGED:
        db.execute_sql(f"DROP INDEX {table}_merged_into_id_index")
        db.execute_sql(
            f"CREATE INDEX {table}_merged_into_id_index ON {table} (merged_into_id) WHERE merged_into_id IS NOT NULL"
        )


def down(migrator, db):
    for name, columns in TWICE.items():
        db.execute_sql(f"CREATE INDEX {name} ON {columns}")
    for table in MERGED:
        db.execute_sql(f"DROP INDEX {table}_merged_into_id_index")
        db.execute_sql(f"CREATE INDEX {table}_merged_into_id_index ON {table} (merged_into_id)")
