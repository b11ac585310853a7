"""What the new form lost, and what was wrong in both."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields

from dockslim.verify.results import Complaint, Config, Distribution, Image, Look

__all__ = ["compare", "from_bases", "normal", "problems_of"]

_LARGER = 1.01
_PATHS = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
# Left behind by a build, read by nobody.
_PASSING = "/tmp/"  # noqa: S108


def compare(
    before: Image, after: Image, inherited: Collection[Complaint] = ()
) -> tuple[tuple[Complaint, ...], tuple[Complaint, ...]]:
    """Return (regressions, problems): what only ``after`` suffers from, and what both do.

    ``inherited`` are differences that count as neither (see ``from_bases``).
    """
    old = {_key(complaint): complaint for complaint in problems_of(before)}
    regressions: list[Complaint] = []
    problems: list[Complaint] = []
    for complaint in problems_of(after):
        (problems if _key(complaint) in old else regressions).append(complaint)
    regressions += [each for each in _config(before.config, after.config) if each not in inherited]
    regressions += _distributions(before.look, after.look)
    regressions += _scripts(before.look, after.look)
    regressions += _privileges(before.look, after.look)
    if after.size > before.size * _LARGER:
        regressions.append(Complaint("size", f"the image grew from {before.size} to {after.size} bytes"))
    return tuple(regressions), tuple(problems)


def problems_of(image: Image) -> Iterator[Complaint]:
    """Yield what is wrong in one image by itself."""
    libraries: dict[tuple[str, str], list[str]] = {}
    for missing in image.look.missing_libraries:
        libraries.setdefault((missing.library, missing.why), []).append(missing.needed_by)
    for (library, why), needed_by in sorted(libraries.items()):
        more = f" and {len(needed_by) - 1} more" if len(needed_by) > 1 else ""
        verb = "is missing" if why == "not found" else why
        yield Complaint("library", f"{library} {verb}: needed by {needed_by[0]}{more}")
    for failure in image.look.import_failures:
        yield Complaint("import", f"import {failure.module} fails ({failure.distribution}): {failure.error}")
    for script in image.look.scripts:
        if script.problem:
            yield Complaint("script", f"console script {script.name} {script.problem}")
    if image.smoke is not None and not image.smoke.passed:
        last = next((line for line in reversed(image.smoke.output.splitlines()) if line.strip()), "no output")
        yield Complaint("smoke", f"the smoke command ended with {image.smoke.exit_code}: {last.strip()}")


def _key(complaint: Complaint) -> tuple[str, str]:
    """Return what makes two complaints the same one: paths and messages may differ between the forms."""
    what = complaint.what
    if complaint.kind == "library":
        what = what.split(":")[0]
    elif complaint.kind == "import":
        what = what.split(" fails")[0]
    elif complaint.kind == "script":
        what = " ".join(what.split()[:3])
    elif complaint.kind == "smoke":
        what = ""
    return complaint.kind, what


def _config(before: Config, after: Config) -> Iterator[Complaint]:
    for field in fields(Config):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if field.name in ("env", "labels"):
            for name in sorted(one.keys() | other.keys()):
                if one.get(name) != other.get(name):
                    change = f"{_shown(one.get(name))} became {_shown(other.get(name))}"
                    yield Complaint("config", f"{field.name} {name}: {change}")
        elif one != other:
            yield Complaint("config", f"{field.name.replace('_', ' ')}: {_shown(one)} became {_shown(other)}")


def from_bases(before: Image, after: Image, written: Collection[str]) -> tuple[Complaint, ...]:
    """Return the differences in ENV and LABEL that two different base images account for.

    ``written`` are the names that either Dockerfile sets itself; paths that programs are found by always count.
    """
    return tuple(
        complaint
        for complaint in _config(before.config, after.config)
        if complaint.what.startswith(("env ", "labels "))
        and (name := complaint.what.split(":")[0].split(" ", 1)[1]) not in written
        and name not in _PATHS
    )


def _shown(value: object) -> str:
    if value is None or value in ("", ()):
        return "(none)"
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


def normal(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _own(look: Look) -> dict[str, Distribution]:
    # What the distribution's own packages bring (python3-wheel with python3-pip) counts as a package, not here.
    return {normal(entry.name): entry for entry in look.distributions if not entry.system}


def _distributions(before: Look, after: Look) -> Iterator[Complaint]:
    if not before.how or not after.how:
        return
    old, new = _own(before), _own(after)
    for name, entry in old.items():
        if name not in new:
            yield Complaint("distribution", f"{entry.name} {entry.version} is no longer installed")
        elif new[name].version != entry.version:
            yield Complaint("distribution", f"{entry.name} changed from {entry.version} to {new[name].version}")


def _scripts(before: Look, after: Look) -> Iterator[Complaint]:
    gone = {script.name for script in before.scripts} - {script.name for script in after.scripts}
    lost = {normal(entry.name) for entry in before.distributions} - {
        normal(entry.name) for entry in after.distributions
    }
    # A distribution that is gone is told once, not once more for each of its scripts.
    if not lost:
        for name in sorted(gone):
            yield Complaint("script", f"console script {name} is gone")


def _privileges(before: Look, after: Look) -> Iterator[Complaint]:
    if not before.how or not after.how:
        return
    for path in sorted(set(after.setuid) - set(before.setuid)):
        yield Complaint("setuid", f"{path} is setuid or setgid and was not there before")
    if before.uid != after.uid:
        yield Complaint("user", f"the image ran as user {before.uid} and runs as {after.uid}")
    elif before.how == after.how == "python" and after.uid != 0:
        for path in sorted(set(before.writable) - set(after.writable)):
            if path.startswith(_PASSING) or any(path.startswith(top.rstrip("/") + "/") for top in after.writable):
                continue
            yield Complaint("writable", f"{path} was writable for the image's user and no longer is")
        for path in sorted(set(after.writable) - set(before.writable)):
            yield Complaint("writable", f"{path} is writable for the image's user and was not before")
