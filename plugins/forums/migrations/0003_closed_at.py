"""When a topic was closed; topics that were closed before do not tell."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE forums_topic ADD COLUMN closed_at BIGINT")


def down(migrator, db):
    db.execute_sql("ALTER TABLE forums_topic DROP COLUMN closed_at")
