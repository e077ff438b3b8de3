"""What is known of a parcel: files bring it."""

COLUMNS = (
    "sender VARCHAR(254)", "country VARCHAR(2)", "size VARCHAR(10)", "weight DOUBLE PRECISION", "pieces BIGINT",
    "worth BIGINT", "fragile BOOLEAN", "due VARCHAR(10)", "sent_at BIGINT", "phone VARCHAR(40)", "labels TEXT",
)  # fmt: skip


def up(migrator, db):
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE parcels_parcel ADD COLUMN {column}")
    db.execute_sql("CREATE INDEX parcels_parcel_code ON parcels_parcel (code)")


def down(migrator, db):
    db.execute_sql("DROP INDEX parcels_parcel_code")
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE parcels_parcel DROP COLUMN {column.split()[0]}")
