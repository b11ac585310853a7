"""What a finding is recognised by when the file around it has changed: no line numbers, no message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dockslim.engine.finding import Finding
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.syntax import Source

__all__ = ["fingerprints", "gist"]

#: Characters of the marked text that count; what a rule marks beyond them may change.
_ENOUGH = 200


def fingerprints(findings: Sequence[Finding], source: Source, path: str) -> list[str]:
    """One fingerprint for each finding of a file, all different, as 32 hexadecimal digits.

    It is made of the path, the rule's code, the words that the finding marks and, where the same words are marked more
    than once, their number from the top.  Lines that come, go or change elsewhere leave it as it is.
    """
    from hashlib import sha256

    seen: Counter[tuple[str, str]] = Counter()
    prints: list[str] = []
    for finding in findings:
        key = (finding.code, gist(finding, source))
        parts = "\0".join((path, *key, str(seen[key])))
        seen[key] += 1
        prints.append(sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()[:32])
    return prints


def gist(finding: Finding, source: Source) -> str:
    """The marked words on one line, as they would read without continuations."""
    text = source.text[finding.span.start : finding.span.end]
    return " ".join(text.replace("\\\n", " ").replace("\\\r\n", " ").split())[:_ENOUGH]
