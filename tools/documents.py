"""Write what is made from the code, pages and pictures of the terminal; with --check, say what is stale."""

from __future__ import annotations

import sys
from pathlib import Path

from tools import pictures, reference

from dockslim import documents
from dockslim.engine.own import OWN_RULES
from dockslim.testing import rules_of

ROOT = Path(__file__).parent.parent


def wanted() -> dict[Path, str]:
    """Each generated file and its text."""
    rules = [*rules_of("dockslim_rules"), *OWN_RULES]
    pages = {ROOT / "docs" / "rules" / f"{rule.code}.md": documents.page(rule) for rule in rules}
    return {
        **pages,
        ROOT / "rules" / "README.md": documents.catalogue(rules),
        ROOT / "docs" / "cli.md": reference.command_line(),
        ROOT / "docs" / "configuration.md": reference.configuration(),
        **pictures.pictures(),
    }


def main() -> int:
    """Write or check; the exit code is 1 where --check finds a difference."""
    files = wanted()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    made = [*(ROOT / "docs" / "rules").glob("*.md"), *(ROOT / "docs" / "pictures").glob("*.svg")]
    strays = [path for path in made if path not in files]
    if "--check" in sys.argv[1:]:
        for path in [*stale, *strays]:
            print(f"{path.relative_to(ROOT)}: out of date, run `make docs`")
        return 1 if stale or strays else 0
    for path in strays:
        path.unlink()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
