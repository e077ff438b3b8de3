from __future__ import annotations

from pathlib import Path

from ecrm_server import config
from ecrm_server.cli.quality import RULES, judge
from ecrm_server.kernel.plugins import find


def test_the_manifest_says_all_that_the_plugin_is_and_asks_for(tmp_path: Path) -> None:
    found = find(config.load(tmp_path, environ={}), "forums")
    assert (found.author, found.licence) == ("The eCRM Server authors", "Apache-2.0")
    faults = judge(found).faults
    asked = {rule.name for rule in RULES} & {"manifest", "permissions"}
    assert {name: faults[name] for name in asked} == {"manifest": [], "permissions": []}
