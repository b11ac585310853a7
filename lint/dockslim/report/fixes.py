"""Fixes for a person: the diff, the reason for each change, how far to trust it, and what was left and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dockslim.engine.fixer import FixResult, Reason
from dockslim.later import TYPE_CHECKING
from dockslim.report.page import TELLING, Line, clean
from dockslim.report.summary import counted
from dockslim.report.wrapping import wrapped
from dockslim.rewrite.edits import Proof, Safety

if TYPE_CHECKING:
    from dockslim.syntax import File

__all__ = ["diff", "full"]

STYLES = {"+": "green", "-": "red", "@": TELLING}
SAFETY = {
    Safety.SAFE: ("bold green", "safe", "the image behaves the same"),
    Safety.UNSAFE: (f"bold {TELLING}", "unsafe", "have a look before you ship it"),
}
PROOFS = {Proof.PROVEN: ("green", "proven"), Proof.OPEN: (TELLING, "open"), Proof.CONTRADICTED: ("red", "not so")}


def full(
    path: str, before: File, result: FixResult, *, verbatim: bool = False, width: int | None = None
) -> Iterator[Line]:
    """Everything there is to say about one file; nothing for a file with nothing to fix.

    Prose is broken at ``width`` cells where it is given, the diff never.
    """
    if result.changed:
        yield from diff(path, before.text, result.text, verbatim=verbatim)
        yield []
    for line in _said(path, result):
        hanging = 10 if line and line[0][1] == "  " else 4
        yield from wrapped(line, width, " " * hanging)


def _said(path: str, result: FixResult) -> Iterator[Line]:
    if result.changed:
        told = len(result.reasons) - len(result.withheld)
        yield from _told("why", result.reasons[:told])
    if result.applied or result.changed:
        fixes = [each.fix for each in result.applied]
        unsafe = any(fix.safety is not Safety.SAFE for fix in fixes)
        style, word, meaning = SAFETY[Safety.UNSAFE if unsafe else Safety.SAFE]
        yield [("bold", "safety: "), (style, word), ("dim", f", {meaning}")]
        for obligation in dict.fromkeys(each for fix in fixes for each in fix.obligations):
            proof_style, proof = PROOFS[obligation.proof]
            yield [("", "  "), (proof_style, f"{proof:7}"), ("", f" {clean(obligation.name)}: {clean(obligation.why)}")]
        judged = (each for each in result.applied if each.fix.safety is not Safety.SAFE and not each.fix.obligations)
        for code in dict.fromkeys(each.code for each in judged):
            yield [("", "  "), (PROOFS[Proof.OPEN][0], "unsafe "), ("", f" {code}: `dockslim explain {code}` says why")]
    if result.withheld:
        yield from _told("left as it was" if result.changed else f"{path}: left as it was", result.withheld)
    spoken = {reason.code for reason in result.withheld}
    left = Counter(each.code for each in result.findings if each.fix is None and each.code not in spoken)
    if left:
        codes = ", ".join(code if number == 1 else f"{code} ({number} times)" for code, number in sorted(left.items()))
        yield [
            ("bold", f"{clean(path)}: {counted(left.total(), 'finding')} without a fix"),
            ("", f": {codes}"),
            ("dim", "; `dockslim check` shows them"),
        ]
    if result.changed or result.withheld or left:
        yield []


def _told(title: str, reasons: tuple[Reason, ...]) -> Iterator[Line]:
    if not reasons:
        return
    yield [("bold", f"{clean(title)}:")]
    width = max(len(str(reason.line)) for reason in reasons)
    for reason in sorted(reasons, key=lambda each: each.line):
        message = clean(" ".join(reason.message.split()))
        yield [("dim", f"  line {reason.line:{width}} "), ("bold", reason.code), ("", f" {message}")]


def diff(path: str, before: str, after: str, *, verbatim: bool = False) -> Iterator[Line]:
    """A unified diff that `patch -p1` takes, if it is ``verbatim``; else control characters are shown as pictures."""
    import difflib

    old, new = _lines(before), _lines(after)
    name = path.lstrip("/")
    for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
        body = line.rstrip("\n")
        shown = body if verbatim else clean(body.rstrip("\r"))
        header = line.startswith(("--- ", "+++ "))
        yield [("bold" if header else STYLES.get(line[:1], ""), shown)]
        if not line.endswith("\n"):
            yield [("dim", "\\ No newline at end of file")]


def _lines(text: str) -> list[str]:
    """Split at LF alone, as diff and patch do."""
    *whole, last = text.split("\n")
    return [f"{line}\n" for line in whole] + ([last] if last else [])
