"""Parcels."""

from peewee import BigIntegerField, CharField, IntegerField


def up(migrator, db):
    class Parcel(db.Model):
        uid = CharField(max_length=40, unique=True)
        code = CharField(max_length=40)
        announced = IntegerField()
        created_at = BigIntegerField()

        class Meta:
            table_name = "parcels_parcel"

    db.create_tables([Parcel])


def down(migrator, db):
    db.execute_sql("DROP TABLE parcels_parcel")
