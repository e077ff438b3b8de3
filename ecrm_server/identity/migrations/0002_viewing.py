"""Whom a session sees the site as, and until when."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE session ADD COLUMN viewing_id INTEGER REFERENCES account (id) ON DELETE SET NULL")
    db.execute_sql("ALTER TABLE session ADD COLUMN viewing_until BIGINT")
    db.execute_sql("CREATE INDEX session_viewing ON session (viewing_id) WHERE viewing_id IS NOT NULL")


def down(migrator, db):
    db.execute_sql("DROP INDEX session_viewing")
    db.execute_sql("ALTER TABLE session DROP COLUMN viewing_until")
    db.execute_sql("ALTER TABLE session DROP COLUMN viewing_id")
