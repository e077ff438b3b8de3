"""``python -m ecrm_server.reference.write``: the reference as Markdown files in docs/reference/."""

from __future__ import annotations

import sys
from pathlib import Path

from ecrm_server.kernel.discovery import bundled_folder
from ecrm_server.kernel.generation import Generation
from ecrm_server.reference.pages import index
from ecrm_server.reference.trial import bundled_names, trial

NOTE = "<!-- Made by `python -m ecrm_server.reference.write`; a test compares it with the code. -->"


def files(generation: Generation) -> dict[str, str]:
    """File name -> content of the reference of a generation."""
    pages = index(generation)
    found = {
        f"{page.name}.md": f"# {page.title}\n\n{NOTE}\n\n{page.summary}\n\n{page.body.strip()}\n" for page in pages
    }
    listed = "".join(f"- [{page.title}]({page.name}.md): {page.summary}\n" for page in pages)
    found["README.md"] = f"# Reference\n\n{NOTE}\n\nOf the core and its bundled plugins.\n\n{listed}"
    return found


def main() -> None:
    """Write the files into the folder given, by default docs/reference of the checkout."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else bundled_folder("docs") / "reference"
    target.mkdir(parents=True, exist_ok=True)
    with trial(bundled_names(target)) as generation:
        made = files(generation)
    for path in target.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (target / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
