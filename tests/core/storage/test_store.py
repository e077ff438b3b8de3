from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrm_server.storage.errors import BadKey
from ecrm_server.storage.local import LocalStore
from ecrm_server.storage.store import Store, check_key, new_key


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "files")


def files_of(store: Store) -> list[Path]:
    assert isinstance(store, LocalStore)
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_content_comes_back_as_it_was_put(store: Store) -> None:
    key = new_key("webp")
    assert store.put(key, b"first") == 5
    assert store.put(key, io.BytesIO(b"second!")) == 7
    with store.open(key) as file:
        assert file.read() == b"second!"
    assert store.exists(key)
    assert store.size(key) == 7


def test_a_deleted_file_is_gone_and_deleting_twice_is_no_error(store: Store) -> None:
    key = new_key()
    store.put(key, b"x")
    store.delete(key)
    store.delete(key)
    assert not store.exists(key)
    with pytest.raises(FileNotFoundError):
        store.open(key)
    with pytest.raises(FileNotFoundError):
        store.size(key)


def test_a_write_that_fails_leaves_the_old_content_and_no_remains(store: Store) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the upload broke off")

    key = new_key()
    store.put(key, b"old")
    with pytest.raises(OSError, match="broke off"):
        store.put(key, Breaking())
    with store.open(key) as file:
        assert file.read() == b"old"
    assert len(files_of(store)) == 1


def test_files_are_spread_over_folders(store: Store) -> None:
    key = new_key("png")
    store.put(key, b"x")
    assert files_of(store)[0].relative_to(store.root).parts == (key[:2], key[2:4], key)


@pytest.mark.parametrize(
    "key",
    ["", "..", "../../etc/passwd", "/etc/passwd", "a/b/c/d", "a\\b\\c", ".hidden", "abcd\x00", "abcd\n", "ABCD.png",
     "abcd.pHaR", "abcd..png", "abcd.png.php", "a" * 200, "ab"],
)  # fmt: skip
def test_what_is_no_key_is_refused_everywhere(store: Store, key: str) -> None:
    for use in (store.open, store.delete, store.exists, store.size, lambda key: store.put(key, b"x")):
        with pytest.raises(BadKey):
            use(key)
    assert files_of(store) == []


@given(st.text(max_size=40))
def test_no_key_leads_out_of_the_root(text: str) -> None:
    root = Path("/srv/files")
    try:
        check_key(text)
    except BadKey:
        return
    assert (root / text[:2] / text[2:4] / text).resolve().is_relative_to(root)


def test_new_keys_are_keys_and_differ() -> None:
    assert len({new_key("webp") for _ in range(200)}) == 200
