"""Jobs and the calendar of recurring ones."""

from peewee import BigAutoField, BigIntegerField, BooleanField, CharField, IntegerField, TextField


def up(migrator, db):
    class Job(db.Model):
        id = BigAutoField()
        uid = CharField(max_length=40, unique=True)
        kind = CharField(max_length=120)
        part = CharField(max_length=60)
        arguments = TextField()
        state = CharField(max_length=10)
        attempts = IntegerField()
        once = CharField(max_length=64, null=True, unique=True)
        created_by = BigIntegerField(null=True)
        created_at = BigIntegerField()
        run_at = BigIntegerField()
        handed_at = BigIntegerField(null=True)
        started_at = BigIntegerField(null=True)
        heartbeat_at = BigIntegerField(null=True)
        finished_at = BigIntegerField(null=True)
        worker = CharField(max_length=120)
        cancel = BooleanField()
        progress = BigIntegerField()
        total = BigIntegerField(null=True)
        message = TextField()
        error = TextField()

        class Meta:
            table_name = "job"

    class JobSchedule(db.Model):
        kind = CharField(max_length=120, primary_key=True)
        next_at = BigIntegerField()
        last_at = BigIntegerField(null=True)

        class Meta:
            table_name = "job_schedule"

    db.create_tables([Job, JobSchedule])
    db.execute_sql("CREATE INDEX job_open ON job (state, run_at) WHERE state IN ('queued', 'running', 'parked')")
    db.execute_sql("CREATE INDEX job_state_id ON job (state, id)")
    db.execute_sql("CREATE INDEX job_created_by ON job (created_by) WHERE created_by IS NOT NULL")


def down(migrator, db):
    db.execute_sql("DROP TABLE job_schedule")
    db.execute_sql("DROP TABLE job")
