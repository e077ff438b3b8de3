"""What changes who may do what leaves a row, whether it is asked for by a form, a command or a program."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from ecrm_server.access import SYSTEM, groups
from ecrm_server.access import services as access
from ecrm_server.cli.plugin import group as plugin_commands
from ecrm_server.data import Prepared
from ecrm_server.errors import Refusal
from ecrm_server.identity import apikeys, invitations, services
from ecrm_server.identity.datastore import Accounts, User
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel import current

NEWEST = Prepared("SELECT action, actor_account_id, obj_uid FROM audit_entry ORDER BY id DESC LIMIT 1")


def newest(action: str) -> dict[str, Any]:
    row = NEWEST.row()
    assert row is not None
    assert row["action"] == action
    return row


def test_roles_and_groups(site: Any, both_engines: str) -> None:
    ada, bob = make_account("Ada", ("admin",)), make_account("Bob")
    actor = actor_of(ada)
    access.create_role(actor, "tester", "Tester")
    newest("access.role_created")
    permissions = list(current.generation().registry.permissions.values())
    access.set_permissions(actor, {"tester": {"audit.read"}}, permissions, {})
    newest("access.permissions_changed")
    services.set_roles(actor, bob, ["tester"])
    assert newest("identity.roles_changed")["obj_uid"] == bob.uid
    access.delete_role(actor, "tester")
    newest("access.role_deleted")
    uid = groups.create_group(actor, "Team")
    newest("access.group_created")
    groups.change_group(actor, uid, "Team", "", ["staff"])
    newest("access.group_changed")
    groups.add_member(actor, uid, bob.id)
    groups.remove_member(actor, uid, bob.id)
    newest("access.group_members")
    groups.delete_group(actor, uid)
    assert newest("access.group_deleted")["actor_account_id"] == ada.id


def test_accounts_invitations_and_keys(site: Any, both_engines: str) -> None:
    ada, bob = make_account("Ada", ("admin",)), make_account("Bob")
    actor = actor_of(ada)
    services.suspend(actor, bob, reason="Spam.")
    newest("identity.suspended")
    services.restore(actor, bob)
    newest("identity.restored")
    services.silence(actor, bob, until=1)
    newest("identity.silenced")
    services.sign_out(actor, bob)
    newest("identity.signed_out")
    invitations.invite(actor, "x@example.org")
    newest("identity.invited")
    invitations.withdraw(actor, invitations.listed()[0]["uid"])
    newest("identity.invitation_withdrawn")
    apikeys.create(actor, "Script", ["audit.read"])
    newest("identity.api_key_created")
    apikeys.revoke(actor, apikeys.listed(ada.id)[0]["uid"])
    newest("identity.api_key_revoked")


def test_a_new_password_is_the_persons_own_change(site: Any) -> None:
    ada = make_account("Ada")
    user = User.get_by_id(ada.id)
    user.password = "hashed"
    with current.generation().app.test_request_context():
        Accounts().put(user)
    assert newest("identity.password_changed")["actor_account_id"] == ada.id


def test_what_is_refused_leaves_nothing(site: Any) -> None:
    ada = make_account("Ada", ("admin",))
    with pytest.raises(Refusal):
        services.set_roles(SYSTEM, ada, [])
    assert NEWEST.row() is None


def test_plugins_that_a_command_switches(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECRM_INSTANCE", str(site.config.instance))
    folder = site.config.instance / "plugins" / "quiet"
    folder.mkdir(parents=True)
    folder.joinpath("plugin.toml").write_text('name = "quiet"\ntitle = "Quiet"\nversion = "1.0"\n')
    folder.joinpath("plugin.py").write_text("")
    verbs = {"enable": "enabled", "disable": "disabled", "purge": "purged"}
    for verb in verbs:
        command = [verb, "quiet", *(["--yes"] if verb == "purge" else [])]
        result = CliRunner().invoke(plugin_commands, command)
        assert result.exit_code == 0, result.output
    actions = Prepared("SELECT action FROM audit_entry ORDER BY id").tuples()
    assert actions == [(f"admin.feature_{word}",) for word in verbs.values()]
