"""The pages kept for anonymous visitors stay within their bounds."""

from __future__ import annotations

from ecrm_server.web import pagecache
from ecrm_server.web.pagecache import Page, PageCache


def key(name: str) -> pagecache.Key:
    return (name, "", "", "", "")


def page(body: bytes = b"x" * 100, version: int = 1) -> Page:
    return Page(1, lambda: version, 1, "200 OK", (), body)


def test_the_oldest_pages_go_when_there_are_too_many_bytes(monkeypatch):
    monkeypatch.setattr(pagecache, "MAX_BYTES", 350)
    cache = PageCache()
    for name in "abcd":
        cache._keep(key(name), page())
    assert [name for name in "abcd" if cache.get(key(name), 1)] == ["b", "c", "d"]


def test_a_page_that_no_longer_holds_gives_its_room_back():
    cache = PageCache()
    cache._keep(key("a"), page(version=2))
    assert cache.get(key("a"), 1) is None
    cache._keep(key("b"), page())
    assert cache.get(key("b"), 2) is None
    assert cache._bytes == 0
