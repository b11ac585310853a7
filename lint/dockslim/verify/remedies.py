"""From "libodbc.so.2 is missing" to the line that mends it: who owned the file where it still was?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dockslim.verify.bench import Bench, Form
from dockslim.verify.faults import Fault
from dockslim.verify.look import find_owners
from dockslim.verify.results import Complaint, Image, Remedy

__all__ = ["manager_of", "with_remedies"]


def with_remedies(
    bench: Bench, complaints: Sequence[Complaint], before: Form | None, after: Form
) -> tuple[Complaint, ...]:
    """Return the complaints with the fix for each that a package would mend."""
    wanted = {index: _wanted(complaint, before, after) for index, complaint in enumerate(complaints)}
    packages = _packages(bench, before, after, {name for names in wanted.values() for name in names})
    installed = {package.name for package in after.image.look.packages}
    chosen: dict[int, str] = {}
    for index, names in wanted.items():
        found = [packages[name] for name in names if name in packages]
        fresh = [package for package in found if package not in installed]
        if fresh:
            chosen[index] = fresh[0]
    if not chosen:
        return tuple(complaints)
    manager = manager_of(after.image)
    if manager is None:
        return tuple(complaints)
    addition = after.written.with_packages(set(chosen.values()), manager)
    result = []
    for index, complaint in enumerate(complaints):
        if index in chosen:
            title = f"install {chosen[index]} in the final stage"
            complaint = replace(complaint, fix=Remedy(title, chosen[index], addition.line, addition.text))
        result.append(complaint)
    return tuple(result)


def manager_of(image: Image) -> str | None:
    """Return the package manager of an image: dpkg, apk, or the program that installs RPMs."""
    managers = {package.manager for package in image.look.packages}
    if "dpkg" in managers:
        return "dpkg" if not image.look.programs or "apt-get" in image.look.programs else None
    if "apk" in managers:
        return "apk"
    if "rpm" in managers:
        return next((name for name in ("dnf", "microdnf", "yum") if name in image.look.programs), "dnf")
    return None


def _wanted(complaint: Complaint, before: Form | None, after: Form) -> list[str]:
    """Return the libraries and programs whose return would mend a complaint, likeliest first."""
    if complaint.kind == "library" and " is missing" in complaint.what:
        return [complaint.what.split(" is missing")[0]]
    if complaint.kind not in ("import", "smoke"):
        return []
    named = re.findall(r"(\S+\.so(?:\.\d+)*): cannot open shared object file", complaint.what)
    named += re.findall(r"Error loading shared library (\S+?):", complaint.what)
    if before is None:
        return named
    if complaint.kind == "import":
        module = complaint.what.split()[1]
        there = {package.name for package in after.image.look.packages}
        # What the import mapped into memory where it worked, and no ELF header tells of: ctypes loads.
        named += [
            library.soname
            for library in before.image.look.libraries
            if module in library.needed_by and library.package not in there
        ]
    gone = before.image.look.programs - after.image.look.programs
    return named + [program for program in sorted(gone) if _names_program(complaint.what, program)]


def _names_program(text: str, program: str) -> bool:
    name = re.escape(program)
    return bool(re.search(rf"['\"]{name}['\"]|\b{name}: (?:command )?not found|\b{name} executable\b", text))


def _packages(bench: Bench, before: Form | None, after: Form, names: Iterable[str]) -> Mapping[str, str]:
    """Return {library or program: package}: asked of the original's image, then of the new form's other stages."""
    left, found = set(names), dict[str, str]()
    if before is not None:
        for library in before.image.look.libraries:
            if library.soname in left and library.package:
                found[library.soname] = library.package
        left -= found.keys()
        if left:
            found.update(_owners(bench, before.image.image, before, left))
            left -= found.keys()
    for stage in after.written.other_stages() if left else ():
        bench.progress.say(str(bench.path), f"asking stage {stage} for {', '.join(sorted(left))}")
        try:
            tag = bench.build("builder", after.written, stage)
        except Fault:
            continue
        found.update(_owners(bench, tag, after, left))
        left -= found.keys()
        if not left:
            break
    return found


def _owners(bench: Bench, tag: str, form: Form, names: Iterable[str]) -> Mapping[str, str]:
    libraries = [name for name in names if ".so" in name]
    programs = [name for name in names if ".so" not in name]
    config = form.image.config
    answer = find_owners(bench.engine, tag, config, run_id=bench.run_id, libraries=libraries, programs=programs)
    return answer.owners
