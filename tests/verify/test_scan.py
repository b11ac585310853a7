from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockslim.verify.faults import Fault
from dockslim.verify.scan.reports import read_report
from dockslim.verify.scan.streaming import BadJsonError, read_parts

TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": "app:1",
    "ArtifactType": "container_image",
    "Metadata": {"OS": {"Family": "debian", "Name": "12.5"}},
    "Results": [
        {
            "Target": "app:1 (debian 12.5)",
            "Class": "os-pkgs",
            "Type": "debian",
            "Packages": [{"Name": "gcc-12"}],
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-2022-27943",
                    "PkgName": "gcc-12",
                    "InstalledVersion": "12.2.0-14",
                    "Severity": "LOW",
                    "Layer": {"Digest": "sha256:x", "DiffID": "sha256:two"},
                    "Title": 'binutils: "quoted" {braces} [brackets]',
                }
            ],
        },
        {"Target": "Python", "Class": "lang-pkgs", "Type": "python-pkg"},
    ],
}
GRYPE = {
    "matches": [
        {
            "vulnerability": {"id": "CVE-2022-27943", "severity": "Low"},
            "relatedVulnerabilities": [],
            "artifact": {
                "name": "gcc-12",
                "version": "12.2.0-14",
                "type": "deb",
                "locations": [{"path": "/var/lib/dpkg/status", "layerID": "sha256:two"}],
            },
        }
    ],
    "source": {"type": "image", "target": {"userInput": "app:1"}},
    "descriptor": {"name": "grype", "version": "0.79.0"},
}


def written(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "report.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


@pytest.mark.parametrize(("value", "scanner"), [(TRIVY, "trivy"), (GRYPE, "grype")])
def test_both_reports_say_the_same(tmp_path: Path, value: Any, scanner: str) -> None:
    report = read_report(written(tmp_path, value))
    assert report.scanner == scanner
    (found,) = report.vulnerabilities
    assert (found.id, found.package, found.version) == ("CVE-2022-27943", "gcc-12", "12.2.0-14")
    assert (found.severity, found.layer) == ("low", "sha256:two")


def test_an_image_without_vulnerabilities(tmp_path: Path) -> None:
    assert read_report(written(tmp_path, {"SchemaVersion": 2, "Results": [{"Target": "x"}]})).vulnerabilities == ()
    assert read_report(written(tmp_path, {**GRYPE, "matches": []})).vulnerabilities == ()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({**TRIVY, "SchemaVersion": 3}, "schema version 3, which is not known"),
        ({**TRIVY, "ArtifactType": "filesystem"}, "a Trivy report of a filesystem, not of an image"),
        ({**GRYPE, "descriptor": {"name": "grype", "version": "1.0.0"}}, "Grype 1.0.0, whose schema is not known"),
        ({**GRYPE, "descriptor": {"name": "other"}}, "a report by other, not by Grype"),
        ([TRIVY], "neither a Trivy nor a Grype report"),
        ({}, "neither a Trivy nor a Grype report"),
        ("{", "not a JSON report"),
        ("", "not a JSON report: the document is empty"),
        ('{"SchemaVersion": 2} x', "something follows"),
    ],
)
def test_what_is_not_known_is_told(tmp_path: Path, value: Any, message: str) -> None:
    with pytest.raises(Fault, match=message):
        read_report(written(tmp_path, value))


def test_a_report_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no such file"):
        read_report(tmp_path / "nonsuch.json")


def test_fifty_megabytes_are_read_in_little_memory(tmp_path: Path) -> None:
    filler = "x" * 4000
    one = {"VulnerabilityID": "CVE-0", "PkgName": "gcc", "Severity": "HIGH", "Description": filler}
    path = tmp_path / "large.json"
    with path.open("w") as stream:
        stream.write('{"SchemaVersion": 2, "Results": [{"Packages": [')
        stream.write(",".join(json.dumps({"Name": str(index), "Text": filler}) for index in range(6000)))
        stream.write('], "Vulnerabilities": [')
        for index in range(6500):
            stream.write(("," if index else "") + json.dumps({**one, "VulnerabilityID": f"CVE-{index}"}))
        stream.write("]}]}")
    assert path.stat().st_size > 50_000_000
    tracemalloc.start()
    report = read_report(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(report.vulnerabilities) == 6500
    assert peak < 10_000_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, VALUES, st.integers(1, 9))
def test_parts_are_what_json_would_read(skipped: Any, wanted: Any, chunk: int) -> None:
    class Slow(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            return super().read(chunk)

    text = json.dumps({"other": skipped, "a": [{"b": wanted}, {"c": skipped}, {"b": wanted}], "z": skipped})
    parts = list(read_parts(Slow(text), [("a", "*", "b")]))
    assert parts == [(("a", "*", "b"), wanted)] * 2


@pytest.mark.parametrize("text", ['{"a": [1,', '{"a" 1}', "[1 2]", '{"b": "', '{"b": [', "{1: 2}", '{"a": }'])
def test_bad_json_is_told(text: str) -> None:
    with pytest.raises(BadJsonError):
        list(read_parts(io.StringIO(text), [("a", "*")]))
