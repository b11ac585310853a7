"""Findings for a person: what, where (the words underlined), what it costs, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from dockslim.engine.finding import Finding, Severity
from dockslim.later import TYPE_CHECKING
from dockslim.report.page import TELLING, Line, clean, show, width_of
from dockslim.report.snippet import Mark, snippet
from dockslim.report.summary import counted, summary_line, unchecked
from dockslim.report.wrapping import wrapped
from dockslim.rewrite.edits import Fix, Refused, Safety

if TYPE_CHECKING:
    from typing import TextIO

    from dockslim.engine.session import Checked, Session
    from dockslim.syntax import Source

__all__ = [
    "concise",
    "counted",
    "full",
    "money",
    "show_summary",
    "statistics",
    "summary",
    "write_concise",
    "write_text",
]

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: f"bold {TELLING}", Severity.INFO: "bold"}


def write_text(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """Everything there is to say, then a summary."""
    width = width_of(stream)
    _write(all_checked, lambda checked: full(checked, width), session, stream)


def write_concise(all_checked: Iterable[Checked], session: Session, stream: TextIO) -> None:
    """One line a finding, then a summary."""
    width = width_of(stream)
    _write(all_checked, lambda checked: concise(checked, width), session, stream)


def _write(
    all_checked: Iterable[Checked], lines: Callable[[Checked], Iterator[Line]], session: Session, stream: TextIO
) -> None:
    findings: list[Finding] = []
    files = 0
    for checked in all_checked:
        files += 1
        findings.extend(checked.findings)
        show(lines(checked), stream)
    show_summary(findings, files, session, stream)


def show_summary(findings: Sequence[Finding], files: int, session: Session, stream: TextIO) -> None:
    """Print the last line; where no file could be read, what went wrong says it all."""
    if files or not session.problems:
        show(wrapped(summary(findings, files, session.spared, unchecked(session)), width_of(stream)), stream)


def full(checked: Checked, width: int | None = None) -> Iterator[Line]:
    """All findings of one file, each with its snippet; a fix shared by several is told at the last of them."""
    source = checked.source
    last = {finding.fix.id: finding for finding in checked.findings if isinstance(finding.fix, Fix)}
    for number, finding in enumerate(checked.findings):
        following = checked.findings[number + 1] if number + 1 < len(checked.findings) else None
        again = following is not None and (following.help, following.fix) == (finding.help, finding.fix)
        yield from wrapped(heading(finding, source), width)
        yield from snippet(source, list(_marks(finding)), width)
        if finding.help and not again:
            yield from wrapped([("dim", "  = "), ("bold", "help: "), ("", clean(finding.help))], width)
        if not isinstance(finding.fix, Fix) or last[finding.fix.id] is finding:
            for line in _fix_lines(finding):
                yield from wrapped(line, width)
        yield []


def concise(checked: Checked, width: int | None = None) -> Iterator[Line]:
    """One line a finding; broken between words where a width is given."""
    for finding in checked.findings:
        yield from wrapped(heading(finding, checked.source), width)


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
        yield Mark(annotation.span, "-", "", annotation.message)


def _fix_lines(finding: Finding) -> Iterator[Line]:
    match finding.fix:
        case Fix(title=title, safety=Safety.SAFE):
            yield [("dim", "  = "), ("bold green", "fix: "), ("", f"{clean(title)} (dockslim fix)")]
        case Fix(title=title, safety=Safety.UNSAFE):
            yield [
                ("dim", "  = "),
                (f"bold {TELLING}", "fix, unsafe: "),
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


def summary(findings: Sequence[Finding], files: int, spared: int = 0, unread: int = 0) -> Line:
    """The last line: how many findings, and how many of them a fix would mend.

    ``spared`` are the findings that are not told because a baseline or ``--diff-only`` leaves them out, ``unread`` the
    RUNs that could not be checked.
    """
    safety = Counter(finding.fix.safety for finding in findings if isinstance(finding.fix, Fix))
    return summary_line(len(findings), safety[Safety.SAFE], safety[Safety.UNSAFE], files, spared, unread)


def statistics(findings: Sequence[Finding]) -> Iterator[Line]:
    """How often each rule spoke, the most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    for (code, name), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield [("bold", f"{number:6} "), (f"bold {TELLING}", code), ("", f" {name}")]
