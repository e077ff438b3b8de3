"""The pages below /docs."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from ecrm_server.access import ANYONE, needs
from ecrm_server.errors import NotFound
from ecrm_server.kernel import current
from ecrm_server.reference import guides
from ecrm_server.reference import pages as reference
from ecrm_server.reference.document import show
from ecrm_server.web.blueprint import CoreBlueprint
from ecrm_server.web.pagecache import public_page

pages = CoreBlueprint("reference", __name__)


@pages.get("/docs")
@needs(ANYONE)
def index() -> str:
    """Guides and reference."""
    public_page(lambda: 0)  # it changes with the generation alone
    by_section = {
        title: [guide for guide in guides.guides() if guide.section == section]
        for section, title in guides.SECTIONS.items()
    }
    return render_template("reference/index.html", sections=by_section, documents=reference.index(current.generation()))


@pages.get("/docs/<name>")
@needs(ANYONE)
def document(name: str) -> str:
    """A page of the reference, made from the code of what is enabled here."""
    if name not in reference.MAKERS:
        raise NotFound
    public_page(lambda: 0)
    found, shown = reference.page(current.generation(), name)
    return render_template(
        "reference/page.html", title=found.title, summary=_inline(found.summary), shown=shown, made=True
    )


@pages.get("/docs/guides/<path:name>")
@needs(ANYONE)
def guide(name: str) -> str:
    """A written guide."""
    found = guides.find(name)
    if found is None:
        raise NotFound
    return render_template("reference/page.html", title=found.title, summary="", shown=guides.read(found), made=False)


@pages.get("/docs/components")
@needs(ANYONE)
def components() -> str:
    """Every component of the interface in every state."""
    return render_template("components.html")


def _inline(text: str) -> Markup:
    """One line of Markdown without its paragraph."""
    return show(text).html.removeprefix("<p>").strip().removesuffix("</p>")
