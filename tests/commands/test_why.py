from __future__ import annotations

import json
from typing import Any

import pytest


def test_what_is_known_is_told(run: Any) -> None:
    result = run("why", "gcc", "libpq-dev", "--release", "bookworm")
    assert (result.exit_code, result.stderr) == (0, "")
    # Known by name, though there is no index of the release.
    assert run("why", "libpq-dev", "--release", "alpine3.20").exit_code == 0


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ("nosuchpkg", "dockslim: nosuchpkg: nothing is known of it\n"),
        ("libpqdev", "dockslim: libpqdev: nothing is known of it; did you mean libpq-dev?\n"),
        ("libmysqlclient-dev", "nothing is known of it; default-libmysqlclient-dev took its place\n"),
        ("$PACKAGES", "dockslim: $PACKAGES: nothing is known of it\n"),
    ],
)
def test_a_package_of_which_nothing_is_known(package: str, said: str, run: Any) -> None:
    result = run("why", package, "gcc", "--release", "bookworm")
    assert result.exit_code == 1
    assert result.stderr.endswith(said)
    assert "gcc: build tool" in result.stdout
    in_json = run("why", package, "--release", "bookworm", "--output-format", "json")
    assert in_json.exit_code == 1
    assert json.loads(in_json.stdout)["packages"][0]["known"] is False


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ("zork", "--release: 'zork' is no release that is known; known are bullseye, bookworm"),
        ("bokworm", "--release: 'bokworm' is no release that is known; did you mean bookworm?"),
        ("", "--release: '' is no release that is known"),
    ],
)
def test_a_release_that_nobody_knows_is_a_wrong_call(release: str, said: str, run: Any) -> None:
    result = run("why", "gcc", "--release", release)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
