"""An index of deliveries that only costs: their key begins with the event."""


def up(migrator, db):
    db.execute_sql("DROP INDEX eventdelivery_event_id")


def down(migrator, db):
    db.execute_sql("CREATE INDEX eventdelivery_event_id ON event_delivery (event_id)")
