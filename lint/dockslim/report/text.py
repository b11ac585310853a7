"""Findings for a person: what, where (the words underlined), what it costs, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dockslim.engine.finding import Finding, Severity
from dockslim.report.page import Line, clean
from dockslim.report.snippet import Mark, snippet
from dockslim.rewrite.edits import Fix, Refused, Safety

if TYPE_CHECKING:
    from dockslim.engine.session import Checked
    from dockslim.syntax import Source

__all__ = ["concise", "counted", "full", "money", "statistics", "summary"]

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def full(checked: Checked, width: int | None = None) -> Iterator[Line]:
    """All findings of one file, each with its snippet; a fix shared by several is told at the last of them."""
    source = checked.facts.file.source
    last = {finding.fix.id: finding for finding in checked.findings if isinstance(finding.fix, Fix)}
    for number, finding in enumerate(checked.findings):
        following = checked.findings[number + 1] if number + 1 < len(checked.findings) else None
        again = following is not None and (following.help, following.fix) == (finding.help, finding.fix)
        yield heading(finding, source)
        yield from snippet(source, list(_marks(finding)), width)
        if finding.help and not again:
            yield [("dim", "  = "), ("bold", "help: "), ("", clean(finding.help))]
        if not isinstance(finding.fix, Fix) or last[finding.fix.id] is finding:
            yield from _fix_lines(finding)
        yield []


def concise(checked: Checked) -> Iterator[Line]:
    """One line a finding."""
    for finding in checked.findings:
        yield heading(finding, checked.facts.file.source)


def heading(finding: Finding, source: Source) -> Line:
    """Where and what, on one line."""
    line, column = source.position(finding.span.start)
    return [
        ("bold", clean(source.path)),
        ("dim", f":{line}:{column}: "),
        (STYLES[finding.severity], finding.code),
        ("", " " if finding.severity is Severity.WARNING else f" {finding.severity.label}: "),
        ("", clean(" ".join(finding.message.split()))),
        ("dim", f" [{finding.name}]"),
    ]


def _marks(finding: Finding) -> Iterator[Mark]:
    told = finding.cost_mb is None or " MB" in finding.message
    yield Mark(finding.span, "^", STYLES[finding.severity], "" if told else money(finding.cost_mb or 0))
    for annotation in finding.annotations:
        yield Mark(annotation.span, "-", "blue", annotation.message)


def _fix_lines(finding: Finding) -> Iterator[Line]:
    match finding.fix:
        case Fix(title=title, safety=Safety.SAFE):
            yield [("dim", "  = "), ("bold green", "fix: "), ("", f"{clean(title)} (dockslim fix)")]
        case Fix(title=title, safety=Safety.UNSAFE):
            yield [
                ("dim", "  = "),
                ("bold yellow", "fix, unsafe: "),
                ("", f"{clean(title)} (dockslim fix --unsafe-fixes)"),
            ]
        case Fix(title=title):
            yield [("dim", "  = "), ("bold", "by hand: "), ("", clean(title))]
        case Refused(reason=reason):
            yield [("dim", "  = "), ("bold", "no fix: "), ("", clean(reason))]


def money(megabytes: float) -> str:
    """A size for people: rounded as far as the estimate allows."""
    if megabytes < 1:
        return "less than 1 MB"
    return f"about {megabytes:.0f} MB"


def counted(number: int, word: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def summary(findings: Sequence[Finding], files: int) -> Line:
    """The last line: how many findings, and how many of them a fix would mend."""
    if not files:
        return [("bold yellow", "No Dockerfile found.")]
    if not findings:
        return [("bold green", "Nothing to report"), ("", f" in {counted(files, 'file')}.")]
    safety = Counter(finding.fix.safety for finding in findings if isinstance(finding.fix, Fix))
    safe, unsafe = safety[Safety.SAFE], safety[Safety.UNSAFE]
    line: Line = [("bold", counted(len(findings), "finding")), ("", f" in {counted(files, 'file')}")]
    if safe:
        line.append(("", f"; `dockslim fix` mends {safe}" + (f", with --unsafe-fixes {unsafe} more" if unsafe else "")))
    elif unsafe:
        line.append(("", f"; `dockslim fix --unsafe-fixes` mends {unsafe}"))
    return [*line, ("", ".")]


def statistics(findings: Sequence[Finding]) -> Iterator[Line]:
    """How often each rule spoke, the most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    for (code, name), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield [("bold", f"{number:6} "), ("bold yellow", code), ("", f" {name}")]
