"""By what two organisations are known to be one: the name without its legal form, domains, a number of a register."""

from ecrm_server.customers.firms import bare_name, domain, mail_domain

COLUMNS = (
    "bare_key VARCHAR(320)",
    "tax_number VARCHAR(40)",
    "tax_number_key VARCHAR(80)",
    "domain_key VARCHAR(254)",
    "mail_domain_key VARCHAR(254)",
)
INDEXED = ("bare_key", "tax_number_key", "domain_key", "mail_domain_key")


def up(migrator, db):
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE organisation ADD COLUMN {column}")
    for column in INDEXED:
        db.execute_sql(f"CREATE INDEX {index_name(column)} ON organisation ({column})")
    known = db.execute_sql("SELECT id, name_key, website, email_key FROM organisation").fetchall()
    mark = db.param
    for row_id, key, website, email in known:
        db.execute_sql(
            f"UPDATE organisation SET bare_key = {mark}, domain_key = {mark}, mail_domain_key = {mark} WHERE id = {mark}",
            (
                bare_name(key),
                domain(website) if website else None,
                mail_domain(email) if email else None,
                row_id,
            ),
        )


def index_name(column):
    return f"organisation_{column}_index"


def down(migrator, db):
    for column in INDEXED:
        db.execute_sql(f"DROP INDEX {index_name(column)}")
    for column in COLUMNS:
        db.execute_sql(f"ALTER TABLE organisation DROP COLUMN {column.split()[0]}")
