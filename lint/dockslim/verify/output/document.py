"""The machine's report; its shape is a promise (``schema`` counts its versions)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from dockslim.later import TYPE_CHECKING
from dockslim.verify.faults import Fault
from dockslim.verify.results import Complaint, Image, SeverityCounts, Verification

if TYPE_CHECKING:
    from typing import Any

__all__ = ["SCHEMA", "Outcome", "render"]

SCHEMA = 1
Outcome = tuple[str, Verification | Fault]


def render(outcomes: Sequence[Outcome]) -> str:
    """Return one JSON document: one file's result itself, several under ``files``; ``errors`` are faults."""
    errors = [
        {"path": path, "kind": result.kind, "message": result.message, "details": result.details}
        for path, result in outcomes
        if isinstance(result, Fault)
    ]
    files = [record(result) for _, result in outcomes if isinstance(result, Verification)]
    if len(outcomes) == 1:
        body: dict[str, Any] = files[0] if files else {"path": outcomes[0][0], "before": None, "after": None}
        body.setdefault("regressions", [])
        body.setdefault("problems", [])
    else:
        body = {"files": files}
    return json.dumps({"schema": SCHEMA, **body, "errors": errors}, indent=2, ensure_ascii=False) + "\n"


def record(verification: Verification) -> dict[str, Any]:
    """Return one file's result as plain data."""
    return {
        "path": verification.path,
        "engine": verification.engine,
        "before": image(verification.before) if verification.before is not None else None,
        "after": image(verification.after),
        "packages_gone": [package.name for package in verification.packages_gone],
        "packages_added": [package.name for package in verification.packages_added],
        "packages_kept": verification.packages_kept,
        "regressions": [complaint(each) for each in verification.regressions],
        "problems": [complaint(each) for each in verification.problems],
        "notes": list(verification.notes),
        "vulnerabilities": {
            "before": counts(verification.scan_before),
            "after": counts(verification.scan_after),
        },
    }


def image(image: Image) -> dict[str, Any]:
    """Return one image as plain data."""
    look = image.look
    return {
        "image": image.image,
        "size": image.size,
        "layers": [
            {"instruction": layer.instruction, "size": layer.size, "line": layer.line, "stage": layer.stage}
            for layer in image.layers
        ],
        "packages": [asdict(package) for package in look.packages],
        "distributions": [
            {"name": each.name, "version": each.version, "size": each.size, "location": each.location}
            for each in look.distributions
        ],
        "imported": look.imported,
        "import_failures": [asdict(failure) for failure in look.import_failures],
        "missing_libraries": [asdict(missing) for missing in look.missing_libraries],
        "libraries": [asdict(library) for library in look.libraries],
        "scripts": [asdict(script) for script in look.scripts],
        "setuid": list(look.setuid),
        "user": look.user,
        "uid": look.uid,
        "writable": list(look.writable),
        "config": asdict(image.config),
        "smoke": asdict(image.smoke) if image.smoke is not None else None,
        "build_seconds": round(image.build_seconds, 1),
    }


def complaint(complaint: Complaint) -> dict[str, Any]:
    """Return one regression or problem as plain data."""
    return {
        "kind": complaint.kind,
        "what": complaint.what,
        "fix": asdict(complaint.fix) if complaint.fix is not None else None,
    }


def counts(counts: SeverityCounts | None) -> dict[str, Any] | None:
    """Return a scan's figures as plain data."""
    if counts is None:
        return None
    return {
        "source": counts.source,
        "total": counts.total,
        "counts": dict(counts.counts),
        "removed": sum(each.removed for each in counts.vulnerabilities),
        "vulnerabilities": [asdict(each) for each in counts.vulnerabilities],
    }
