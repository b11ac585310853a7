"""Numbers and sentences that every form of the report uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dockslim.verify.results import Image, SeverityCounts, Verification

__all__ = ["Row", "change", "megabytes", "rows", "severities", "summary"]

Row = tuple[str, str, str, str]
_SEVERITIES = ("critical", "high", "medium", "low", "negligible", "unknown")


def megabytes(size: int) -> str:
    """Return bytes as decimal megabytes, as image sizes are told."""
    value = size / 1_000_000
    return f"{value:.0f} MB" if value >= 100 else f"{value:.1f} MB"


def change(before: int, after: int) -> str:
    """Return a difference in numbers, "" where there is none."""
    return "" if before == after else f"{after - before:+d}".replace("-", "−")


def percent(before: int, after: int) -> str:
    """Return a difference of sizes in percent."""
    share = round((after - before) / before * 100) if before else 0
    return f"{share:+d} %".replace("-", "−") if share else ""


def severities(*counts: SeverityCounts | None) -> list[str]:
    """Return the severities that occur, worst first."""
    seen = {name for count in counts if count is not None for name, number in count.counts.items() if number}
    return [name for name in _SEVERITIES if name in seen] + sorted(seen - set(_SEVERITIES))


def rows(verification: Verification) -> Iterator[Row]:
    """Yield (what, before, after, change) for the table that people put into a pull request."""
    before, after = verification.before, verification.after
    if before is None:
        yield from ((what, "", value(after), "") for what, value in _MEASURES)
        return
    yield "Image size", megabytes(before.size), megabytes(after.size), percent(before.size, after.size)
    for what, count in _COUNTS:
        yield what, str(count(before)), str(count(after)), change(count(before), count(after))
    same = not any(complaint.kind == "config" for complaint in verification.regressions)
    yield "Configuration", "", "equal" if same else "differs", ""
    if before.smoke is not None and after.smoke is not None:
        yield "Smoke command", _passed(before), _passed(after), ""
    one, other = verification.scan_before, verification.scan_after
    if one is not None:
        for name in severities(one, other):
            old = one.counts.get(name, 0)
            new = other.counts.get(name, 0) if other is not None else None
            yield (
                f"Vulnerabilities, {name}",
                str(old),
                "" if new is None else str(new),
                ("" if new is None else change(old, new)),
            )


def summary(verification: Verification) -> str:
    """Return the verdict in one sentence."""
    before, after = verification.before, verification.after
    if before is None:
        count = len(verification.problems)
        return f"only one form to verify: {plural(count, 'problem')}" if count else "only one form to verify: all well"
    if verification.regressions:
        return f"{plural(len(verification.regressions), 'regression')}: the new form does not do what the old one did"
    size = f"{megabytes(before.size)} → {megabytes(after.size)}"
    if not after.look.how:
        return f"{size}, configuration equal; nothing inside could be asked"
    return f"all well: {size}, {plural(after.look.imported, 'module')} imported, configuration equal"


def plural(count: int, noun: str) -> str:
    """Return "1 problem", "2 problems"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _passed(image: Image) -> str:
    assert image.smoke is not None
    return "passes" if image.smoke.passed else f"fails ({image.smoke.exit_code})"


_COUNTS: tuple[tuple[str, Callable[[Image], int]], ...] = (
    ("Distribution packages", lambda image: len(image.look.packages)),
    ("Python distributions", lambda image: len(image.look.distributions)),
    ("Modules imported", lambda image: image.look.imported),
    ("Import failures", lambda image: len(image.look.import_failures)),
    ("Missing libraries", lambda image: len({entry.library for entry in image.look.missing_libraries})),
    ("Console scripts", lambda image: sum(not script.problem for script in image.look.scripts)),
    ("Setuid files", lambda image: len(image.look.setuid)),
)
_MEASURES: tuple[tuple[str, Callable[[Image], str]], ...] = (
    ("Image size", lambda image: megabytes(image.size)),
    *((what, lambda image, count=count: str(count(image))) for what, count in _COUNTS),
)
