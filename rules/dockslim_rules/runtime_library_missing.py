"""SLIM301."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockslim.api import (
    Copy,
    Edit,
    Example,
    Family,
    Finding,
    Fix,
    Instruction,
    Kind,
    Manager,
    Other,
    PackageInstall,
    Rule,
    Run,
    Safety,
    Severity,
    Span,
    Stage,
    base_packages,
    closure,
    python_needs,
    references,
    releases,
    requested,
    role,
    runtime_packages,
)

__all__ = ["RuntimeLibraryMissing"]

#: Where Python packages arrive: wheels, virtual environments, site-packages.
PACKAGES = r"wheel|whl|venv|virtualenv|site-packages|dist-packages|\.local(/|$)|^/usr/local(/lib)?/?$|^/install/?$"
#: Headers whose library nobody's binary wheel brings along: who installs them links it, whatever the requirements say.
NEVER_BUNDLED = frozenset(
    "unixodbc-dev default-libmysqlclient-dev libmysqlclient-dev libmariadb-dev libldap2-dev libldap-dev "
    "portaudio19-dev libgdal-dev libgirepository1.0-dev libgirepository-2.0-dev".split()
)


#: Projects that have no wheel with the library in it: on a full image they are built against what that image holds.
NEVER_WHEELS = frozenset("psycopg2 psycopg-c mysqlclient python-ldap pyodbc pycairo pygobject".split())


class RuntimeLibraryMissing(Rule):
    """A library that the copied Python packages need is missing in the final stage.

    The builder installs `unixodbc-dev` and builds pyodbc against it; the final stage copies the wheel and not the
    library: `import pyodbc` fails with *libodbc.so.2: cannot open shared object file*. The build succeeds, so nobody
    sees it before the container starts. Many published recipes have this fault.

    Flagged is a -dev package of the builder (or of the full image that it starts from) whose library neither the final
    base image nor any install of the final stage brings, where a requirement that could be read is known to need it, or
    where no binary wheel could have brought it.

    The fix installs the library, under its name in the release of the final image. It is safe where the tag of that
    image names the release.
    """

    code = "SLIM301"
    name = "runtime-library-missing"
    severity = Severity.ERROR
    safety = Safety.SAFE
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc g++ unixodbc-dev\n"
                "RUN pip wheel --wheel-dir=/wheels pyodbc==5.1.0\n"
                "FROM python:3.12-slim-bookworm\n"
                "COPY --from=builder «/wheels» /wheels\n"
                "RUN pip install --no-index /wheels/*.whl\n"
            ),
            good=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc g++ unixodbc-dev\n"
                "RUN pip wheel --wheel-dir=/wheels pyodbc==5.1.0\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends libodbc2 "
                "&& rm -rf /var/lib/apt/lists/*\n"
                "COPY --from=builder /wheels /wheels\n"
                "RUN pip install --no-index /wheels/*.whl\n"
            ),
        ),
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc g++ unixodbc-dev\n"
                "RUN pip wheel --wheel-dir=/wheels pyodbc==5.1.0\n"
                "FROM python:3.12-slim-bookworm\n"
                "ARG PLACE=/wheels\n"
                "COPY --from=builder «${PLACE}» ${PLACE}\n"
                "RUN pip install --no-index ${PLACE}/*.whl\n"
            ),
            good=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc g++ unixodbc-dev\n"
                "RUN pip wheel --wheel-dir=/wheels pyodbc==5.1.0\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends libodbc2 "
                "&& rm -rf /var/lib/apt/lists/*\n"
                "ARG PLACE=/wheels\n"
                "COPY --from=builder ${PLACE} ${PLACE}\n"
                "RUN pip install --no-index ${PLACE}/*.whl\n"
            ),
            note="Published recipes keep the folder in a variable.",
        ),
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc libpq-dev\n"
                "RUN python -m venv /venv && /venv/bin/pip install psycopg2==2.9.9\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y curl\n"
                "COPY --from=builder «/venv» /venv\n"
            ),
            good=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc libpq-dev\n"
                "RUN python -m venv /venv && /venv/bin/pip install psycopg2==2.9.9\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y curl libpq5\n"
                "COPY --from=builder /venv /venv\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc libpq-dev\n"
                "RUN python -m venv /venv && /venv/bin/pip install psycopg2==2.9.9\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y libpq5\n"
                "COPY --from=builder /venv /venv\n"
            ),
        ),
        Example(
            note="The binary wheel brings its own library.",
            allow=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc libpq-dev\n"
                "RUN python -m venv /venv && /venv/bin/pip install psycopg2-binary==2.9.9\n"
                "FROM python:3.12-slim-bookworm\n"
                "COPY --from=builder /venv /venv\n"
            ),
        ),
        Example(
            note="The full image holds libpq-dev, the slim one has no libpq.",
            bad=(
                "FROM python:3.12-bookworm AS builder\n"
                "RUN python -m venv /venv && /venv/bin/pip install psycopg2==2.9.9\n"
                "FROM python:3.12-slim-bookworm\n"
                "COPY --from=builder «/venv» /venv\n"
            ),
            good=(
                "FROM python:3.12-bookworm AS builder\n"
                "RUN python -m venv /venv && /venv/bin/pip install psycopg2==2.9.9\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends libpq5 "
                "&& rm -rf /var/lib/apt/lists/*\n"
                "COPY --from=builder /venv /venv\n"
            ),
        ),
        Example(
            note="Up to 2.7 psycopg2 had binary wheels.",
            allow=(
                "FROM python:3.6 AS builder\nRUN pip wheel --wheel-dir=/wheels psycopg2==2.7.3.2\n"
                "FROM python:3.6-slim\nCOPY --from=builder /wheels /wheels\nRUN pip install --no-index /wheels/*.whl\n"
            ),
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at what arrives from other stages, and what they built it with."""
        release = stage.base.release or ""
        if not stage.is_final or release not in releases() or stage.base.libc != "glibc":
            return
        if len(stage.facts.stages) < 2 or not known(stage):
            return
        told: set[str] = set()
        for reference in references(stage):
            source, copy = reference.stage, reference.instruction
            if source is None:
                continue
            if isinstance(copy, Copy) and not any(re.search(PACKAGES, path) for path in copied(stage, copy)):
                continue
            missing = [name for name in lacking(stage, source, release) if name not in told]
            if missing:
                told.update(missing)
                headers = ", ".join(built_with(source, missing, release)) or "what the full image holds"
                names = " ".join(missing)
                at = copy.sources[0] if isinstance(copy, Copy) else reference.word
                yield self.finding(
                    at,
                    f"built with {headers}, but {names} is missing in this stage: its import fails",
                    help=f"install {names} here",
                    fix=mend(stage, missing),
                )


def copied(stage: Stage, copy: Copy) -> list[str]:
    """The paths that a COPY takes, its variables expanded as far as they are known."""
    lookup = stage.scope(copy).lookup
    return [word.expand(lookup) or word.raw for word in copy.sources]


def known(stage: Stage) -> bool:
    """Whether all that the final stage installs can be told."""
    if stage.base.family not in (Family.PYTHON, Family.DEBIAN):
        return False
    for each in stage.lineage:
        if each.unreadable_runs:
            return False
        for action in each.actions:
            if isinstance(action, PackageInstall) and not (action.complete and action.manager is Manager.APT):
                return False
            if isinstance(action, Other) and (action.program is None or opaque(action)):
                return False
        for instruction in each.instructions:
            if isinstance(instruction, Copy) and instruction.from_ is not None:
                words = copied(each, instruction)
                if any(word in ("/", "/usr", "/usr/", "/opt", "/lib") or brings_libraries(word) for word in words):
                    return False
    return True


def opaque(action: Other) -> bool:
    """Whether a command may install anything: a script, dpkg."""
    program = action.program or ""
    return program in ("bash", "sh", "source", ".", "dpkg", "make", "ldconfig") or program.endswith(".sh")


def brings_libraries(path: str) -> bool:
    """Whether a path copied from another stage holds shared libraries of the system."""
    return (
        ".so" in path
        or re.search(r"^/(usr/)?lib(64)?(/|$)|-linux-gnu|/usr/local/lib/?$|^/usr/local/?$", path) is not None
    )


def lacking(stage: Stage, source: Stage, release: str) -> list[str]:
    """Return the libraries that the source stage built against and ``stage`` lacks."""
    asked = [requested(each) for each in source.lineage]
    names = {name for each in asked for name in each.names}
    needed: set[str] = set()
    for project in names:
        needs = python_needs(project, release)
        needed.update(needs.loaded)
        if not needs.bundled:
            needed.update(needs.linked)
    wanted: list[str] = []
    for package in headers_of(source):
        certain = package in NEVER_BUNDLED and not all(each.complete for each in asked)
        for library in runtime_packages(package, release) or ():
            if (certain or library in needed) and library not in wanted:
                wanted.append(library)
    if source.base.knowledge_base == "full":
        held = base_packages(source.base.release or release, "full")
        for project in names & NEVER_WHEELS:
            needs = python_needs(project, release)
            wanted += [name for name in (*needs.linked, *needs.loaded) if name in held and name not in wanted]
    if not wanted:
        return []
    installed = [
        word.name
        for each in stage.lineage
        for action in each.actions
        if isinstance(action, PackageInstall)
        for word in action.packages
        if word.name
    ]
    there = base_packages(release, stage.base.knowledge_base) | set(installed)
    there |= set(closure(installed, release, stage.base.knowledge_base).packages)
    return [library for library in wanted if library not in there]


def headers_of(source: Stage) -> Iterator[str]:
    """Yield the -dev packages that a stage and those it starts from install."""
    for each in source.lineage:
        for action in each.actions:
            if isinstance(action, PackageInstall) and action.manager is Manager.APT:
                for word in action.packages:
                    if word.name and role(word.name, source.base.release).kind is Kind.DEV_HEADER:
                        yield word.name


def built_with(source: Stage, libraries: list[str], release: str) -> list[str]:
    """Return the -dev packages that stand for some libraries."""
    return sorted(
        package
        for package in set(headers_of(source))
        if set(libraries).intersection(runtime_packages(package, release) or ())
    )


def mend(stage: Stage, missing: list[str]) -> Fix | None:
    """Put the libraries into the first install of the stage, or into a new one at its start."""
    names = " ".join(missing)
    safety = Safety.SAFE if stage.base.release_in_tag else Safety.UNSAFE
    title, file = f"install {names}", stage.facts.file
    for action in stage.actions:
        if (
            isinstance(action, PackageInstall)
            and action.certain
            and action.packages[-1:]
            and action.packages[-1].own_word
        ):
            last = action.packages[-1].span
            if action.instruction.form == "shell" and not file.text[last.start : last.end].startswith(("$", "'", '"')):
                edit = Edit(Span(last.end, last.end), f" {names}")
                return Fix(f"SLIM301-{stage.index}", title, (edit,), safety)
    first: Instruction | None = stage.instructions[0] if stage.instructions else None
    before = stage.parent.configuration.user if stage.parent is not None else None
    if first is None or before not in (None, "root", "0") or stage.configuration.shell is not None:
        return None
    if any(isinstance(each, Run) and each.form == "exec" for each in stage.instructions[:1]):
        return None
    at = stage.from_.full_span.end
    line = f"RUN apt-get update && apt-get install -y --no-install-recommends {names} && rm -rf /var/lib/apt/lists/*\n"
    return Fix(f"SLIM301-{stage.index}", title, (Edit(Span(at, at), line),), safety, phase=1)
