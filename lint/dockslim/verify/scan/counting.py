"""Vulnerabilities before and after: by a scanner on PATH, or from a report that was made elsewhere."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dockslim.verify.bench import Bench, Form, Options
from dockslim.verify.engines import Engine
from dockslim.verify.engines.archive import read_archive
from dockslim.verify.faults import Fault, tail
from dockslim.verify.process import TimedOutError, run
from dockslim.verify.progress import Progress
from dockslim.verify.results import SeverityCounts, Verification, Vulnerability
from dockslim.verify.scan.reports import Report, Reported, read_report
from dockslim.verify.verification import verify

__all__ = ["count", "verify_and_scan"]

SCANNERS = {
    "trivy": "image --quiet --scanners vuln --format json --output {report} --input {image}",
    "grype": "docker-archive:{image} --quiet --output json --file {report}",
}
_SCAN_SECONDS = 1800.0


def verify_and_scan(
    path: Path,
    scan: str | None,
    *,
    against: Path | None,
    options: Options,
    engine: Engine,
    progress: Progress,
) -> Verification:
    """Verify, and count vulnerabilities while the images still stand.

    ``scan`` is "trivy", "grype", or a report of the original image; None scans nothing.  Raises Fault.
    """
    report = (
        None if scan is None or scan in SCANNERS else read_report(Path(scan))
    )  # a bad report stops us before builds
    if scan in SCANNERS and shutil.which(scan) is None:
        raise Fault("scan", f"{scan} is not installed (not found on PATH)")
    counted: list[SeverityCounts | None] = [None, None]

    def hook(bench: Bench, before: Form | None, after: Form) -> None:
        old = before or after
        progress.say(str(path), "counting vulnerabilities")
        first = report or _scan(bench, str(scan), old)
        counted[0] = count(bench, old, after, first.vulnerabilities, first.scanner if report is None else str(scan))
        if before is None:
            counted[:] = None, counted[0]
        elif report is None:
            second = _scan(bench, str(scan), after)
            counted[1] = count(bench, after, after, second.vulnerabilities, second.scanner)
        else:
            counted[1] = _without_removed(counted[0])

    verification = verify(
        path,
        against=against,
        options=options,
        engine=engine,
        progress=progress,
        after_build=hook if scan is not None else None,
    )
    return replace(verification, scan_before=counted[0], scan_after=counted[1])


def count(bench: Bench, form: Form, after: Form, found: Iterable[Reported], source: str) -> SeverityCounts:
    """Attribute the vulnerabilities of ``form`` to the lines that brought their packages; say which ``after`` lost."""
    by_diff, by_name = _origins(bench, form)
    left = {package.name for package in after.image.look.packages}
    left |= {each.name.lower() for each in after.image.look.distributions}
    listed = []
    for each in found:
        line, instruction = by_diff.get(each.layer or "") or by_name.get(each.package.lower()) or (None, None)
        removed = form is not after and each.package not in left and each.package.lower() not in left
        listed.append(Vulnerability(each.id, each.package, each.version, each.severity, line, instruction, removed))
    return SeverityCounts(dict(Counter(each.severity for each in listed)), tuple(listed), source)


Origin = tuple[int | None, str]


def _origins(bench: Bench, form: Form) -> tuple[dict[str, Origin], dict[str, Origin]]:
    """Return ({diff id: origin}, {package or distribution: origin}); what came with the base came with its FROM."""
    base = form.written.stage.lineage[0].from_
    from_base: Origin = (base.line, base.text.strip())
    by_diff = {
        layer.diff_id: (layer.line, layer.instruction) if layer.line is not None else from_base
        for layer in form.image.layers
        if layer.diff_id is not None
    }
    by_name: dict[str, Origin] = {}
    with bench.engine.archive(form.image.image) as stream:
        contents = read_archive(stream)
    for content in contents:
        origin = by_diff.get(content.diff_id)
        if origin is not None:
            for name in [*(content.packages or ()), *content.distributions]:
                by_name.setdefault(name.lower(), origin)
    return by_diff, by_name


def _without_removed(before: SeverityCounts | None) -> SeverityCounts | None:
    if before is None:
        return None
    kept = tuple(each for each in before.vulnerabilities if not each.removed)
    counts = dict(Counter(each.severity for each in kept))
    return SeverityCounts(counts, kept, f"{before.source}, without what the removed packages had")


def _scan(bench: Bench, scanner: str, form: Form) -> Report:
    """Run the scanner on an archive of the image, which works with every engine."""
    with tempfile.TemporaryDirectory(prefix="dockslim-scan-") as folder:
        image, report = Path(folder, "image.tar"), Path(folder, "report.json")
        with bench.engine.archive(form.image.image) as stream, image.open("wb") as target:
            shutil.copyfileobj(stream, target, 1 << 20)
        argv = [scanner, *(word.format(report=report, image=image) for word in SCANNERS[scanner].split())]
        try:
            ran = run(argv, timeout=_SCAN_SECONDS, cancel=bench.engine.cancel)
        except TimedOutError as error:
            raise Fault("scan", f"{scanner} did not end within {_SCAN_SECONDS:g} s", tail(error.output)) from None
        if ran.exit_code != 0:
            raise Fault("scan", f"{scanner} failed with exit code {ran.exit_code}", tail(ran.output))
        return read_report(report)
