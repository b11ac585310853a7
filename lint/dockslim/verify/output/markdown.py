"""The table that people put into a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dockslim.verify.faults import Fault
from dockslim.verify.output.document import Outcome
from dockslim.verify.output.words import megabytes, rows, summary
from dockslim.verify.results import Complaint, Verification

__all__ = ["render"]


def render(outcomes: Sequence[Outcome]) -> str:
    """Return GitHub-flavoured Markdown."""
    return "\n".join(line for path, result in outcomes for line in _section(path, result)) + "\n"


def _section(path: str, result: Verification | Fault) -> Iterator[str]:
    yield f"### `{path}`"
    yield ""
    if isinstance(result, Fault):
        yield f"**Not verified**: {cell(result.message)}"
        if result.details:
            yield from ("", "```", *result.details.replace("```", "'''").splitlines(), "```")
        yield ""
        return
    yield f"{'✅' if result.exit_code == 0 else '❌'} {cell(summary(result))}"
    yield ""
    if result.before is None:
        yield from ("| | image |", "|---|---:|")
        yield from (f"| {what} | {cell(value)} |" for what, _, value, _ in rows(result))
    else:
        yield from ("| | before | after | change |", "|---|---:|---:|---:|")
        yield from (f"| {' | '.join(cell(each) for each in row)} |" for row in rows(result))
    yield ""
    yield from _complaints("Regressions", result.regressions)
    yield from _complaints("Problems that the original has too", result.problems)
    for heading, packages in (("gone", result.packages_gone), ("added", result.packages_added)):
        if packages:
            names = ", ".join(f"`{package.name}`" for package in packages)
            yield f"<details><summary>{len(packages)} packages {heading}</summary>\n\n{names}\n\n</details>"
            yield ""
    yield "<details><summary>Layers</summary>\n"
    yield "| form | size | line | instruction |"
    yield "|---|---:|---:|---|"
    for name, image in (("before", result.before), ("after", result.after)):
        for layer in image.layers if image is not None else ():
            if layer.size:
                where = str(layer.line) if layer.line is not None else "base"
                yield f"| {name} | {megabytes(layer.size)} | {where} | {code(layer.instruction)} |"
    yield "\n</details>"
    yield ""


def _complaints(heading: str, complaints: Iterable[Complaint]) -> Iterator[str]:
    complaints = list(complaints)
    if not complaints:
        return
    yield f"**{heading}**"
    yield ""
    for complaint in complaints:
        yield f"- {complaint.kind}: {cell(complaint.what)}"
        if complaint.fix is not None and complaint.fix.text is not None:
            yield f"  - {cell(complaint.fix.title)}, line {complaint.fix.line}: {code(complaint.fix.text)}"
    yield ""


def cell(text: str) -> str:
    """Return text that stays inside a table cell and is no markup."""
    for mark in "\\`*_[]<|":
        text = text.replace(mark, "\\" + mark) if mark != "<" else text.replace("<", "&lt;")
    return " ".join(text.split())


def code(text: str) -> str:
    """Return an inline code span of any text, cut at a readable length."""
    text = " ".join(text.split())
    text = text if len(text) <= 160 else text[:159] + "…"
    if not text:
        return ""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text.replace('|', chr(92) + '|')}{pad}{fence}"
