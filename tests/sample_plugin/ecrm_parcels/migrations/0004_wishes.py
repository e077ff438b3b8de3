"""Where people want parcels to be left."""


def up(migrator, db):
    db.execute_sql(
        "CREATE TABLE parcels_wish (account_id BIGINT PRIMARY KEY, door VARCHAR(80) NOT NULL, changed_at BIGINT NOT NULL)"
    )


def down(migrator, db):
    db.execute_sql("DROP TABLE parcels_wish")
