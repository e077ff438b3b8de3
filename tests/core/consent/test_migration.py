"""A site that kept consents in the older table keeps them."""

from __future__ import annotations

from ecrm_server.consent import services
from ecrm_server.data import Prepared, transaction
from ecrm_server.identity.testing import make_account
from ecrm_server.kernel.migrate import History, migrate, revert_all
from ecrm_server.kernel.part import core_folder
from ecrm_server.kernel.site import Site

_OLD = Prepared(
    "INSERT INTO consent (uid, account_id, purpose, basis, wording, source, at, withdrawn_at)"
    " VALUES (?, ?, 'news', 'consent', 'Tell me', '/me/data', ?, ?)"
)


def test_older_consents_are_taken_over(both_engines: str, site: Site) -> None:
    ada, bea = make_account("Ada"), make_account("Bea")
    history = History("consent", core_folder("consent") / "migrations")
    with transaction():
        revert_all(history)
    _OLD.run("a", ada.id, 1, 2)
    _OLD.run("b", ada.id, 3, None)
    _OLD.run("c", bea.id, 4, 5)
    Prepared(
        "INSERT INTO setting (name, value, changed_at) VALUES ('privacy.purposes', '\"news: Tell me\"', 1)"
    ).run()
    migrate([history])
    assert services.allowed(ada.id, "news")
    assert not services.allowed(bea.id, "news")
    rows = services.history(ada.id)
    assert [(row["decision"], row["at"], row["place"]) for row in rows] == [
        ("given", 3, "/me/data"),
        ("withdrawn", 2, "/me/data"),
        ("given", 1, "/me/data"),
    ]
    assert Prepared("SELECT name FROM setting WHERE name LIKE '%.purposes'").value() == "consent.purposes"
