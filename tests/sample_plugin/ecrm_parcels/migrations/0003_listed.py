"""What the list of parcels sorts, changes and tells editors apart by."""

from ecrm_server.content.names import name_key


def up(migrator, db):
    for column in (
        "code_key VARCHAR(80) NOT NULL DEFAULT ''",
        "state VARCHAR(10) NOT NULL DEFAULT 'here'",
        "version INTEGER NOT NULL DEFAULT 1",
        "changed_by VARCHAR(120) NOT NULL DEFAULT ''",
    ):
        db.execute_sql(f"ALTER TABLE parcels_parcel ADD COLUMN {column}")
    mark = db.param
    for key, code in db.execute_sql("SELECT id, code FROM parcels_parcel").fetchall():
        db.execute_sql(
            f"UPDATE parcels_parcel SET code_key = {mark} WHERE id = {mark}", (name_key(code), key)
        )
    db.execute_sql("CREATE INDEX parcels_parcel_code_key_list ON parcels_parcel (code_key, id)")


def down(migrator, db):
    db.execute_sql("DROP INDEX parcels_parcel_code_key_list")
    for column in ("code_key", "state", "version", "changed_by"):
        db.execute_sql(f"ALTER TABLE parcels_parcel DROP COLUMN {column}")
