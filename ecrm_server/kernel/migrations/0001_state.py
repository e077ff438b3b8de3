"""The state of the site and of its plugins."""

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, TextField


def up(migrator, db):
    class SiteState(db.Model):
        id = IntegerField(primary_key=True)
        generation = BigIntegerField()
        set_up_at = BigIntegerField(null=True)

        class Meta:
            table_name = "site_state"

    class PluginState(db.Model):
        name = CharField(max_length=40, primary_key=True)
        enabled = BooleanField()
        quarantined = BooleanField()
        problem = TextField()
        version = CharField(max_length=40)
        changed_at = BigIntegerField()
        disabled_at = BigIntegerField(null=True)

        class Meta:
            table_name = "plugin_state"

    db.create_tables([SiteState, PluginState])
    SiteState.create(id=1, generation=1)


def down(migrator, db):
    db.execute_sql("DROP TABLE plugin_state")
    db.execute_sql("DROP TABLE site_state")
