"""Names of actors as they are compared, and the order of time, for the list of the log."""

from ecrm_server.content.names import name_key


def up(migrator, db):
    db.execute_sql("ALTER TABLE audit_entry ADD COLUMN actor_key TEXT")
    mark = db.param
    names = db.execute_sql("SELECT DISTINCT actor_name FROM audit_entry WHERE actor_name IS NOT NULL").fetchall()
    for (name,) in names:
        db.execute_sql(
            f"UPDATE audit_entry SET actor_key = {mark} WHERE actor_name = {mark}", (name_key(name), name)
        )
    db.execute_sql("CREATE INDEX audit_entry_at ON audit_entry (at, id)")
    db.execute_sql("CREATE INDEX audit_entry_actor_key ON audit_entry (actor_key, id)")


def down(migrator, db):
    db.execute_sql("DROP INDEX audit_entry_actor_key")
    db.execute_sql("DROP INDEX audit_entry_at")
    db.execute_sql("ALTER TABLE audit_entry DROP COLUMN actor_key")
