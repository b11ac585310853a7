"""Show where the corpus differs from what is expected; with --write [NAME...], expect what is seen (then read it!)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dockslim.testing import Case, Observed, cases, observe

CORPUS = Path(__file__).parent.parent / "corpus"


def seen(case: Case, observed: Observed) -> dict[str, object]:
    """What expected.json would say; a reason that still fits stays as it was written."""
    result = observed.result
    wanted: dict[str, object] = {
        "findings": observed.findings,
        "rewrite": result.rewrite,
        "safety": result.safety.value if result.safety else None,
    }
    messages = [reason.message for reason in result.withheld]
    old = case.expected.get("reason")
    if messages:
        wanted["reason"] = old if old and any(old in message for message in messages) else messages[0]
    for key in ("note", "options"):
        if key in case.expected:
            wanted[key] = case.expected[key]
    return wanted


def pretty(expected: dict[str, object]) -> str:
    """JSON with one finding on a line."""
    places = ",\n    ".join(json.dumps(place) for place in expected["findings"])  # type: ignore[attr-defined]
    text = json.dumps({**expected, "findings": "@"}, indent=2, ensure_ascii=False)
    return text.replace('"@"', f"[\n    {places}\n  ]" if places else "[]") + "\n"


def main() -> int:
    """Compare or write; the exit code is 1 where a comparison fails."""
    words = sys.argv[1:]
    names = {word for word in words if word != "--write"}
    bad = 0
    for case in cases(CORPUS):
        if names and case.folder.name not in names:
            continue
        observed = observe(case)
        expected = seen(case, observed)
        if expected == case.expected and observed.result.data == case.fixed:
            continue
        if "--write" not in words:
            bad += 1
            print(f"{case.folder.name}: differs\n{pretty(expected)}\n{observed.result.text}")
            continue
        (case.folder / "expected.json").write_text(pretty(expected), "utf-8")
        fixed = case.folder / "Dockerfile.fixed"
        if observed.result.changed:
            fixed.write_bytes(observed.result.data)
        else:
            fixed.unlink(missing_ok=True)
        print(f"{case.folder.name}: written, now read it")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
