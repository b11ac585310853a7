"""Trivy's and Grype's JSON reports of an image, as far as their documented schemas are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from dockslim.later import TYPE_CHECKING
from dockslim.verify.faults import Fault
from dockslim.verify.scan.streaming import BadJsonError, read_parts

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Report", "Reported", "read_report"]

_TRIVY_SCHEMA = 2
_GRYPE_MAJOR = "0"
_WANTED = (
    ("SchemaVersion",),
    ("ArtifactType",),
    ("Results", "*", "Vulnerabilities", "*"),
    ("matches", "*"),
    ("descriptor",),
)


@dataclass(frozen=True, slots=True)
class Reported:
    """One vulnerability as reported; ``layer`` is the diff id of the layer that the package was found in."""

    id: str
    package: str
    version: str
    severity: str
    layer: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: which scanner's, and what it lists, each once."""

    scanner: str
    vulnerabilities: tuple[Reported, ...]


def read_report(path: FilePath) -> Report:
    """Read a report, a vulnerability at a time.  Raises Fault for what is neither or of an unknown schema version."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as stream:
            return _read(path, stream)
    except OSError as error:
        raise Fault("scan", f"{path}: {(error.strerror or str(error)).lower()}") from error
    except BadJsonError as error:
        raise Fault("scan", f"{path}: not a JSON report: {error}") from error


def _read(path: FilePath, stream: Any) -> Report:
    scanner, found, schema = "", dict[Reported, None](), None
    for place, value in read_parts(stream, _WANTED):
        if place == ("SchemaVersion",):
            scanner, schema = "trivy", value
            if value != _TRIVY_SCHEMA:
                known = f"dockslim knows {_TRIVY_SCHEMA}"
                raise Fault("scan", f"{path}: a Trivy report of schema version {value}, which is not known ({known})")
        elif place == ("ArtifactType",) and value not in ("container_image", None):
            raise Fault("scan", f"{path}: a Trivy report of a {value}, not of an image")
        elif place == ("descriptor",):
            scanner = _grype_version(path, value)
        elif place[0] == "Results":
            found[_trivy(value)] = None
        elif place[0] == "matches":
            found[_grype(value)] = None
            scanner = scanner or "grype"
    if not scanner or (scanner == "trivy" and schema is None):
        raise Fault("scan", f"{path}: neither a Trivy nor a Grype report in JSON (no SchemaVersion, no matches)")
    return Report(scanner, tuple(found))


def _grype_version(path: FilePath, value: Any) -> str:
    name = value.get("name") if isinstance(value, Mapping) else None
    if name != "grype":
        raise Fault("scan", f"{path}: a report by {name or 'an unknown program'}, not by Grype")
    version = str(value.get("version") or "0")
    if version.removeprefix("v").split(".")[0] not in (_GRYPE_MAJOR, "[not provided]"):
        raise Fault("scan", f"{path}: a report by Grype {version}, whose schema is not known (dockslim knows 0.x)")
    return "grype"


def _trivy(value: Mapping[str, Any]) -> Reported:
    layer = value.get("Layer") or {}
    return Reported(
        str(value.get("VulnerabilityID", "")),
        str(value.get("PkgName", "")),
        str(value.get("InstalledVersion", "")),
        str(value.get("Severity") or "unknown").lower(),
        layer.get("DiffID"),
    )


def _grype(value: Mapping[str, Any]) -> Reported:
    artifact, vulnerability = value.get("artifact") or {}, value.get("vulnerability") or {}
    return Reported(
        str(vulnerability.get("id", "")),
        str(artifact.get("name", "")),
        str(artifact.get("version", "")),
        str(vulnerability.get("severity") or "unknown").lower(),
        next(_layers(artifact), None),
    )


def _layers(artifact: Mapping[str, Any]) -> Iterator[str]:
    for location in artifact.get("locations") or ():
        layer = location.get("layerID") or (location.get("annotations") or {}).get("layerID")
        if layer:
            yield str(layer)
