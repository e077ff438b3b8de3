from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import pairwise

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.licences import locked
from tests.house.sources import ROOT, Source, python_sources

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")

# Brought by a declared package as part of its own interface.
COME_ALONG = {
    "babel": "flask-babel",
    "cffi": "cmarkgfm",
    "email-validator": "flask-security",
    "flask-login": "flask-security",
    "flask-principal": "flask-security",
    "itsdangerous": "flask",
    "jinja2": "flask",
    "limits": "flask-limiter",
    "markupsafe": "flask",
    "python-engineio": "python-socketio",
    "webargs": "flask-smorest",
    "apispec": "flask-smorest",
    "werkzeug": "flask",
    "wtforms": "flask-wtf",
    "cryptography": "flask-security",
    "qrcode": "flask-security",
    "webauthn": "flask-security",
    "libpass": "flask-security",
}


def declared(*extras: str) -> set[str]:
    """Names of the direct dependencies, those of `extras` included."""
    lines = list(PROJECT["project"]["dependencies"])
    for extra in extras:
        lines += PROJECT["project"]["optional-dependencies"][extra]
    names: set[str] = {canonicalize_name(Requirement(line).name) for line in lines}
    return names - {"ecrm-server"}


def foreign_imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and top-level name of absolute imports from outside the project and the standard library.

    `_typeshed` exists for type checkers only.
    """
    own = {"ecrm_server", "ecrm_plugins", "plugins", "_typeshed"}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        for name in {name.split(".")[0] for name in names}:
            if name not in sys.stdlib_module_names and name not in own:
                yield node.lineno, name


VENDORED_FOR_TESTS = {"axe-core"}
"""Files in tests/vendor, with their licence beside them."""


@pytest.mark.parametrize("name", sorted(declared("postgres", "redis", "test", "dev")))
def test_every_direct_dependency_has_its_reason(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_page_names_no_dependency_that_is_gone() -> None:
    known = declared("postgres", "redis", "test", "dev") | locked("requirements-test.lock").keys()
    known |= locked("requirements-build.lock").keys()
    rows = [line.split("|")[1:-2] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {name for cells in rows for name in re.findall(r"`([a-z0-9.-]+)`", cells[0])}
    assert not named - known - {"postgres", "redis"} - VENDORED_FOR_TESTS


def test_what_is_imported_is_declared() -> None:
    distributions = packages_distributions()
    allowed = declared("postgres", "redis") | COME_ALONG.keys()
    faults = []
    for source in python_sources("ecrm_server", "plugins"):
        for line, module in foreign_imports(source):
            names = {canonicalize_name(name) for name in distributions.get(module, [module])}
            # What serves only tests and benchmarks may need what only the test lock installs.
            testing = source.path.startswith(("ecrm_server/testing", "ecrm_server/bench")) or "/tests/" in source.path
            if not names & allowed and not (testing and names & declared("test")):
                faults.append(f"{source.path}:{line}: {module} is not a direct dependency in pyproject.toml")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("lock", ["build", "services", "test", ""])
def test_locks_have_hashes_and_no_address(lock: str) -> None:
    name = f"requirements-{lock}.lock" if lock else "requirements.lock"
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"https?:|file:|^--", text, re.MULTILINE)
    for entry in re.split(r"\n(?=[A-Za-z])", text.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_each_lock_agrees_with_the_smaller_one() -> None:
    locks = [locked(f"requirements{part}.lock") for part in ("", "-services", "-test")]
    for smaller, larger in pairwise(locks):
        assert {name: larger.get(name) for name in smaller} == smaller


def test_the_lock_satisfies_the_declared_ranges() -> None:
    versions = locked("requirements.lock")
    for line in PROJECT["project"]["dependencies"]:
        requirement = Requirement(line)
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{line}: {version} is locked"
