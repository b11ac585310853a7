"""A rule's page and the catalogue, made from the rules themselves: for `dockslim explain` and for docs/rules."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from dockslim.engine.rule import Example, Rule
from dockslim.rewrite.edits import Safety

__all__ = ["catalogue", "page"]

HUNDREDS = {
    "1": "What ships and only the build needed",
    "2": "Package managers",
    "3": "Several stages",
    "4": "Build cache and copying",
    "5": "Running",
    "9": "dockslim itself",
}
SAFETY = {
    None: "It has no fix.",
    Safety.SAFE: "Its fix is safe: the image behaves the same.",
    Safety.UNSAFE: "Its fix is unsafe: have a look before you ship it; `--unsafe-fixes` applies it.",
    Safety.DISPLAY: "Its fix is shown, never applied.",
}


def page(rule: type[Rule]) -> str:
    """One rule as markdown: what it says, how it is set, its examples."""
    first, _, rest = inspect.cleandoc(rule.__doc__ or "").partition("\n\n")
    parts = [f"# {rule.code} {rule.name}", first]
    if rest:
        parts.append(rest)
    facts = [f"Severity: {rule.severity.label}.", SAFETY[rule.safety]]
    if not rule.enabled:
        facts.append(f"Off by default; `--extend-select {rule.code}` runs it.")
    if rule.aliases:
        facts.append(f"Other linters say the same as {', '.join(f'`{alias}`' for alias in rule.aliases)}.")
    parts.append(" ".join(facts))
    for number, example in enumerate(rule.examples, 1):
        parts.append(f"## Example {number}" if len(rule.examples) > 1 else "## Example")
        parts.extend(_example(example))
    parts.append(f"To silence it for one instruction, write `# dockslim: ignore={rule.code} reason` on the line above.")
    return "\n\n".join(parts) + "\n"


def _example(example: Example) -> Iterable[str]:
    if example.note:
        yield example.note
    for name, text in example.files.items():
        yield f"With `{name}`:"
        yield _fenced(text, "text")
    if example.allow:
        yield "Not flagged:"
        yield _fenced(example.allow)
        return
    yield "Flagged, each place in guillemets:"
    yield _fenced(example.bad)
    if example.good is not None:
        unsafe = " (unsafe)" if example.unsafe else ""
        yield f"Fixed{unsafe}:"
        yield _fenced(example.good)
    if example.refused:
        yield f"Not fixed: {example.refused}"


def _fenced(text: str, language: str = "dockerfile") -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def catalogue(rules: Iterable[type[Rule]]) -> str:
    """All rules as one table for each hundred, linking their pages."""
    parts = [
        "# Rules",
        "Made by `make docs` from the rules themselves. `dockslim explain CODE` prints a rule's page.",
    ]
    by_hundred: dict[str, list[type[Rule]]] = {}
    for rule in sorted(rules, key=lambda each: each.code):
        by_hundred.setdefault(rule.code[-3], []).append(rule)
    for hundred, members in by_hundred.items():
        parts.append(f"## {hundred}xx {HUNDREDS.get(hundred, '')}".rstrip())
        rows = [
            f"| [{rule.code}](../docs/rules/{rule.code}.md) | {rule.name} | {rule.summary()} | "
            f"{rule.safety.value if rule.safety else ''} |"
            for rule in members
        ]
        parts.append("\n".join(["| code | name | what | fix |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"
