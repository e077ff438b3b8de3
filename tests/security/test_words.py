"""What people call things is never taken for a text of ours, which may hold markup and placeholders."""

from __future__ import annotations

import pytest

from tests.security import people as p
from tests.security.matrix import Caller

NAME = "100% <b title='x'>own</b>"
PAGES = (
    "/admin/roles", "/admin/groups", "/admin/groups/{group}", "/admin/people/{ada_account}", "/admin/invitations",
    "/forums/admin/categories/{cat_open}", "/forums/admin/categories",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_names_of_roles_and_groups_are_shown_as_they_are(caller: Caller, page: str) -> None:
    root = caller.headers(p.ROOT)
    for path, form in (
        ("/admin/roles/new", {"name": "own", "title": NAME}),
        ("/admin/groups/{group}", {"name": NAME}),
        ("/admin/settings", {"site_name": f"Us: {NAME}"}),
    ):
        assert caller.open("POST", path, root, p.ROOT, form).status_code in (302, 303)
    answer = caller.open("GET", page, root, p.ROOT)
    caller.world.restore()
    assert answer.status_code == 200
    assert "<b title" not in answer.text
    assert "<title>" in answer.text
