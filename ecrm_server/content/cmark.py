"""GitHub's cmark, called so that what it allocates is given back.

cmarkgfm's own functions never free the syntax tree nor the rendered string (340 kB lost with each rich
post), which a live preview would turn into a dead server. Its wheel exports the whole C interface, so the
same library is opened here with the few functions that rendering and freeing need.
"""

from __future__ import annotations

import threading
from typing import Any

import cffi
import cmarkgfm
from cmarkgfm.cmark import Options

_ffi = cffi.FFI()
_ffi.cdef("""
typedef struct cmark_node cmark_node;
typedef struct cmark_parser cmark_parser;
typedef struct cmark_iter cmark_iter;
typedef struct cmark_llist cmark_llist;
typedef struct cmark_syntax_extension cmark_syntax_extension;
typedef struct cmark_mem {
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
} cmark_mem;
cmark_mem *cmark_get_default_mem_allocator(void);
void cmark_gfm_core_extensions_ensure_registered(void);
cmark_syntax_extension *cmark_find_syntax_extension(const char *);
cmark_parser *cmark_parser_new(int);
int cmark_parser_attach_syntax_extension(cmark_parser *, cmark_syntax_extension *);
cmark_llist *cmark_parser_get_syntax_extensions(cmark_parser *);
void cmark_parser_feed(cmark_parser *, const char *, size_t);
cmark_node *cmark_parser_finish(cmark_parser *);
void cmark_parser_free(cmark_parser *);
char *cmark_render_html(cmark_node *, int, cmark_llist *);
void cmark_node_free(cmark_node *);
cmark_iter *cmark_iter_new(cmark_node *);
int cmark_iter_next(cmark_iter *);
cmark_node *cmark_iter_get_node(cmark_iter *);
void cmark_iter_free(cmark_iter *);
int cmark_node_get_type(cmark_node *);
const char *cmark_node_get_literal(cmark_node *);
int cmark_node_set_literal(cmark_node *, const char *);
cmark_node *cmark_node_new(int);
int cmark_node_replace(cmark_node *, cmark_node *);
int cmark_node_append_child(cmark_node *, cmark_node *);
""")
_lib: Any = _ffi.dlopen(cmarkgfm._cmark.__file__)
_lib.cmark_gfm_core_extensions_ensure_registered()
_EXTENSIONS = [
    _lib.cmark_find_syntax_extension(name) for name in (b"table", b"autolink", b"strikethrough", b"tasklist")
]
_free = _lib.cmark_get_default_mem_allocator().free

# UNSAFE lets raw HTML through to the sanitiser, which is the one judge of it. Two tildes strike, because one
# means "about" to most people. No smart quotes (they alter code-like text) and no footnotes (ids clash).
_OPTIONS = (
    Options.CMARK_OPT_UNSAFE
    | Options.CMARK_OPT_VALIDATE_UTF8
    | Options.CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE
    | Options.CMARK_OPT_HARDBREAKS
)
_PARAGRAPH, _HTML_BLOCK, _TEXT, _LINE_BREAK, _HTML_INLINE = 0x8008, 0x8006, 0xC001, 0xC003, 0xC005
_DONE = 1

# Attaching extensions changes a table of special characters that belongs to the whole process.
_lock = threading.Lock()


def render(source: str, *, raw_html: bool = True) -> str:
    """GitHub-flavoured Markdown as HTML that is not safe yet; line breaks are kept.

    With `raw_html=False` tags in the source are shown as text. Surrogates become question marks.
    """
    data = source.encode("utf-8", "replace")
    with _lock:
        parser = _lib.cmark_parser_new(_OPTIONS)
        try:
            for extension in _EXTENSIONS:
                _lib.cmark_parser_attach_syntax_extension(parser, extension)
            _lib.cmark_parser_feed(parser, data, len(data))
            return _render(parser, raw_html or b"<" not in data)
        finally:
            _lib.cmark_parser_free(parser)


def _render(parser: Any, raw_html: bool) -> str:
    root = _lib.cmark_parser_finish(parser)
    try:
        if not raw_html:
            _show_tags(root)
        rendered = _lib.cmark_render_html(root, _OPTIONS, _lib.cmark_parser_get_syntax_extensions(parser))
        try:
            return bytes(_ffi.string(rendered)).decode("utf-8", "replace")
        finally:
            _free(rendered)
    finally:
        _lib.cmark_node_free(root)


def _show_tags(root: Any) -> None:
    """Replace the nodes of raw HTML by text nodes of the same words."""
    for node in _html_nodes(root):
        words = _ffi.string(_lib.cmark_node_get_literal(node))
        if _lib.cmark_node_get_type(node) == _HTML_BLOCK:
            shown = _paragraph(words.rstrip().split(b"\n"))
        else:
            shown = _text(words)
        _lib.cmark_node_replace(node, shown)
        _lib.cmark_node_free(node)


def _text(words: bytes) -> Any:
    node = _lib.cmark_node_new(_TEXT)
    _lib.cmark_node_set_literal(node, words)
    return node


def _paragraph(lines: list[bytes]) -> Any:
    paragraph = _lib.cmark_node_new(_PARAGRAPH)
    for number, line in enumerate(lines):
        if number:
            _lib.cmark_node_append_child(paragraph, _lib.cmark_node_new(_LINE_BREAK))
        _lib.cmark_node_append_child(paragraph, _text(line))
    return paragraph


def _html_nodes(root: Any) -> list[Any]:
    nodes = []
    walk = _lib.cmark_iter_new(root)
    try:
        while _lib.cmark_iter_next(walk) != _DONE:
            node = _lib.cmark_iter_get_node(walk)
            if _lib.cmark_node_get_type(node) in (_HTML_BLOCK, _HTML_INLINE):
                nodes.append(node)
    finally:
        _lib.cmark_iter_free(walk)
    return nodes
