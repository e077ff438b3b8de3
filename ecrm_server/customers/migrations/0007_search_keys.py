"""Under what customers and organisations are found: words of names, e-mail addresses, phones and numbers."""

from ecrm_server.data import is_postgres

TABLES = ("customer", "organisation")


def up(migrator, db):
    # Beginnings of keys are looked for by their bytes, whatever language the database sorts by.
    text = 'VARCHAR(254) COLLATE "C"' if is_postgres() else "VARCHAR(254)"
    end = "" if is_postgres() else " WITHOUT ROWID"
    number = "BIGSERIAL" if is_postgres() else "INTEGER"
    for table in TABLES:
        db.execute_sql(
            f"CREATE TABLE {table}_key (kind VARCHAR(1) NOT NULL, key {text} NOT NULL, {table}_id INTEGER NOT NULL"
            f" REFERENCES {table} (id) ON DELETE CASCADE, PRIMARY KEY (kind, key, {table}_id)){end}"
        )
        db.execute_sql(f"CREATE INDEX {table}_key_{table}_id ON {table}_key ({table}_id)")
    db.execute_sql(
        f"CREATE TABLE customer_key_due (id {number} NOT NULL PRIMARY KEY, subject VARCHAR(20) NOT NULL,"
        " first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, created_at BIGINT NOT NULL)"
    )
    for table in TABLES:
        db.execute_sql(
            "INSERT INTO customer_key_due (subject, first_id, last_id, created_at)"
            f" SELECT '{table}', MIN(id), MAX(id), 0 FROM {table} HAVING MIN(id) IS NOT NULL"
        )


def down(migrator, db):
    db.execute_sql("DROP TABLE customer_key_due")
    for table in TABLES:
        db.execute_sql(f"DROP TABLE {table}_key")
