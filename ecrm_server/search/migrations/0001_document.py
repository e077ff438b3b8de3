"""The search index: documents, and their words in FTS5 (SQLite) or a tsvector (PostgreSQL)."""

from peewee import AutoField, BigAutoField, BigIntegerField, CharField, TextField

from ecrm_server.data import is_postgres


def up(migrator, db):
    class SearchDocument(db.Model):
        id = BigAutoField() if is_postgres() else AutoField()
        kind = CharField(max_length=120)
        uid = CharField(max_length=40)
        scope = CharField(max_length=120)
        title = TextField()
        body = TextField()
        author = TextField()
        tags = TextField()
        extra = TextField()
        at = BigIntegerField()
        lang = CharField(max_length=20, null=True)

        class Meta:
            table_name = "search_document"
            indexes = ((("kind", "uid"), True),)

    db.create_tables([SearchDocument])
    db.execute_sql("CREATE INDEX search_document_at ON search_document (at, id)")
    if is_postgres():
        db.execute_sql("ALTER TABLE search_document ADD COLUMN terms tsvector")
        db.execute_sql("CREATE INDEX search_document_terms ON search_document USING gin (terms)")
    else:
        # What every match is checked for, apart from the bulky texts.
        db.execute_sql("CREATE INDEX search_document_access ON search_document (id, at, kind, scope)")
        # Without content of its own: the texts stand in search_document, and tokens are made in Python.
        db.execute_sql(
            "CREATE VIRTUAL TABLE search_terms USING fts5"
            " (title, body, facets, content='', tokenize='ascii', prefix='2 3')"
        )


def down(migrator, db):
    if not is_postgres():
        db.execute_sql("DROP TABLE search_terms")
    db.execute_sql("DROP TABLE search_document")
