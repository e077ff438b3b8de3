"""Mail, notices and preferences."""

from peewee import BigAutoField, BigIntegerField, BooleanField, CharField, CompositeKey, IntegerField, TextField


def up(migrator, db):
    class Mail(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        state = CharField(max_length=10)
        kind = CharField(max_length=120)
        account_id = BigIntegerField(null=True)
        recipient = CharField(max_length=254)
        subject = TextField()
        text = TextField()
        html = TextField(null=True)
        headers = TextField()
        attempts = IntegerField()
        next_at = BigIntegerField()
        error = TextField()
        created_at = BigIntegerField()
        sent_at = BigIntegerField(null=True)

        class Meta:
            table_name = "mail"

    class Notice(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        account_id = BigIntegerField()
        kind = CharField(max_length=120)
        title = TextField()
        url = TextField()
        excerpt = TextField()
        actor_id = BigIntegerField(null=True)
        group_key = CharField(max_length=200)
        number = IntegerField()
        at = BigIntegerField()
        read_at = BigIntegerField(null=True)

        class Meta:
            table_name = "notice"

    class NoticePreference(db.Model):
        account_id = BigIntegerField()
        kind = CharField(max_length=120)
        channel = CharField(max_length=20)
        wanted = BooleanField()

        class Meta:
            table_name = "notice_preference"
            primary_key = CompositeKey("account_id", "kind", "channel")

    db.create_tables([Mail, Notice, NoticePreference])
    db.execute_sql("CREATE INDEX mail_due ON mail (next_at) WHERE state = 'waiting'")
    db.execute_sql("CREATE INDEX mail_state_id ON mail (state, id)")
    db.execute_sql("CREATE INDEX mail_account ON mail (account_id)")
    db.execute_sql("CREATE INDEX notice_account_at ON notice (account_id, at, id)")
    db.execute_sql(
        "CREATE UNIQUE INDEX notice_group ON notice (account_id, group_key) WHERE read_at IS NULL AND group_key <> ''"
    )
    db.execute_sql("CREATE INDEX notice_unread ON notice (account_id) WHERE read_at IS NULL")
    db.execute_sql("CREATE INDEX notice_actor ON notice (actor_id) WHERE actor_id IS NOT NULL")


def down(migrator, db):
    db.execute_sql("DROP TABLE notice_preference")
    db.execute_sql("DROP TABLE notice")
    db.execute_sql("DROP TABLE mail")
