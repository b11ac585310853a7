"""SLIM104."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockslim.api import (
    Action,
    Copy,
    Edit,
    Example,
    Finding,
    Fix,
    Instruction,
    Other,
    PipInstall,
    Refused,
    Rule,
    Run,
    Safety,
    Stage,
    TargetKind,
    prepend_mount,
    without_statements,
    working_directory,
)

__all__ = ["WheelsLeft"]


class WheelsLeft(Rule):
    """Wheels that were copied to be installed stay in a layer.

    Installed, their content is in the image a second time. Removing them in the RUN that installs them frees nothing:
    the layer of the COPY ships. In some images that is a quarter to a half of the size.

    The fix mounts the folder for the one RUN that needs it (`RUN --mount=type=bind,…`), drops the COPY, and drops a
    `rm` of the folder. The same wheels are installed, so it is safe; where something else uses the folder it is
    declined.
    """

    code = "SLIM104"
    name = "wheels-left-in-a-layer"
    safety = Safety.SAFE
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\n"
                "FROM python:3.12-slim\n"
                "COPY --from=builder /wheels «/wheels»\n"
                "RUN pip install --no-index /wheels/*.whl && rm -rf /wheels\n"
            ),
            good=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\n"
                "FROM python:3.12-slim\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels \\\n"
                "    pip install --no-index /wheels/*.whl\n"
            ),
        ),
        Example(
            bad=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/w flask\n"
                "FROM python:3.12-slim\n"
                "COPY --from=builder /w/*.whl «/tmp/wheels/»\n"
                "RUN pip install --no-index --find-links=/tmp/wheels flask\n"
                "RUN rm -rf /tmp/wheels\n"
            ),
            good=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/w flask\n"
                "FROM python:3.12-slim\n"
                "RUN --mount=type=bind,from=builder,source=/w,target=/tmp/wheels \\\n"
                "    pip install --no-index --find-links=/tmp/wheels flask\n"
            ),
        ),
        Example(
            bad=(
                "FROM python:3.12-slim\nCOPY wheels «/wheels»\nRUN pip install /wheels/*.whl\n"
                "ENV PIP_FIND_LINKS=/wheels\n"
            ),
            refused="line 4 uses /wheels, too",
        ),
        Example(
            bad=(
                "FROM python:3.12-slim\nRUN pip wheel --wheel-dir=/wheels flask\nFROM python:3.12-slim\n"
                "COPY --from=0 /wheels «/wheels»\nRUN pip install --no-index /wheels/*.whl\n"
            ),
            refused="has no name",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\n"
                "FROM python:3.12-slim\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/w pip install --no-index /w/*.whl\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nRUN python -m venv /venv\n"
                "FROM python:3.12-slim\nCOPY --from=builder /venv /venv\nRUN /venv/bin/pip install flask\n"
            ),
            note="What is copied is used where it is.",
        ),
        Example(
            bad=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/dist ./app\nFROM python:3.12-slim\n"
                "WORKDIR /app\nCOPY --from=builder /requirements.txt .\nCOPY --from=builder /dist/*.whl «.»\n"
                "RUN pip install -r requirements.txt ./*.whl\n"
            ),
            refused="a mount would hide",
            note="Only the COPY of wheels is meant; in this folder is more.",
        ),
        Example(
            allow="FROM python:3.12-slim\nCOPY . /app\nRUN pip install /app\n",
            note="A project, not a wheel.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look for a COPY whose folder a later install takes wheels from."""
        if stage.facts.options.wheel_transfer == "copy" or not stage.pip_installs:
            return
        for copy in stage.instructions:
            if not isinstance(copy, Copy) or copy.heredocs:
                continue
            place = destination(stage, copy)
            if place is None or not wheelish(copy):
                continue
            users = [each for each in stage.pip_installs if takes(stage, each, place)]
            users = [each for each in users if each.instruction.span.start > copy.span.start]
            if users:
                yield self.finding(
                    copy.destination,
                    "the wheels stay in this layer, and what they hold is installed beside them",
                    help="mount them for the install: RUN --mount=type=bind,…",
                    fix=mount(stage, copy, place, users),
                )


def destination(stage: Stage, copy: Copy) -> str | None:
    """Return the absolute path of what a COPY of one thing makes: its folder, or its one file."""
    if len(copy.sources) != 1:
        return None
    where, source = copy.destination.expand(stage.scope(copy).lookup), copy.sources[0].raw
    if where is None:
        return None
    path = posixpath.normpath(posixpath.join(stage.workdir(copy), where))
    into = where.endswith(("/", "/.")) or where in (".", "..")
    if source.endswith(".whl") and "*" not in source and into:
        return posixpath.join(path, posixpath.basename(source))
    return path


def wheelish(copy: Copy) -> bool:
    """Whether wheels are what is copied, by the look of it: a folder of another stage, or what is called so."""
    source = copy.sources[0].raw
    name = posixpath.basename(source.rstrip("/")).lower()
    if source in (".", "./", "/") or ("." in name.lstrip(".") and not name.endswith(".whl")):
        return False
    return copy.from_ is not None or "whl" in source.lower() or "wheel" in source.lower()


def takes(stage: Stage, install: PipInstall, place: str) -> bool:
    """Whether an install takes wheels from a folder (or the one wheel that it is)."""
    option = install.option("--find-links")
    found = [option.value] if option is not None and option.value else []
    for target in install.of(TargetKind.LOCAL, TargetKind.UNKNOWN):
        text = target.text or ""
        if text.endswith(".whl"):
            found += [posixpath.dirname(text) or "."] if "*" in text else [text, posixpath.dirname(text) or "."]
        elif text.endswith("/*"):
            found.append(text[:-2])
    folder = working_directory(stage, install)
    if folder is None:
        found = [text for text in found if text.startswith("/")]
    return any(posixpath.normpath(posixpath.join(folder or "/", text)) == place for text in found if "://" not in text)


def mount(stage: Stage, copy: Copy, place: str, users: list[PipInstall]) -> Fix | Refused | None:
    """Turn the COPY into mounts."""
    file = stage.facts.file
    source = copy.sources[0].literal
    origin = copy.from_.literal if copy.from_ is not None else ""
    if origin and origin.isdigit():  # which a COPY takes for a stage, a mount for an image
        builder = stage.facts.source_stage(copy, stage)
        origin = builder.name if builder is not None else None
        if origin is None:
            return Refused("the stage that it comes from has no name, and a mount needs one")
    if source is None or origin is None or place == "/" or set(place + source) & set(" ,\"'"):
        return Refused("the paths are not plain")
    if "\n" in file.text[copy.span.start : copy.span.end] or copy.flag("chmod") is not None:
        return Refused("the COPY does more than to copy")
    if re.search(r"/\*(\.whl)?$", source):
        source = posixpath.dirname(source) or "/"
    if "*" in source or "?" in source:
        return Refused("the COPY chooses among files")
    crowd = crowded(stage, copy, place)
    if crowd:
        return Refused(crowd)
    source = posixpath.normpath("/" + source.lstrip("/")) if origin else posixpath.normpath(source.lstrip("/") or ".")
    gone = {id(each): each for each in stage.actions if removes(each, place)}
    runs = {id(each.instruction): each.instruction for each in users}
    at = other_use(stage, copy, place, [*runs.values()], [*gone.values()])
    if at is not None:
        return Refused(f"line {at.line} uses {place}, too", at.span)
    edits = [Edit(copy.full_span, "")]
    for run in runs.values():
        from_ = f"from={origin}," if origin else ""
        edit = prepend_mount(stage, run, f"type=bind,{from_}source={source},target={place}")
        if edit is None or run.form != "shell":
            return Refused("its RUN cannot have a mount")
        edits.append(edit)
    for run in {id(each.instruction): each.instruction for each in gone.values()}.values():
        statements = [each.statement for each in gone.values() if each.instruction is run]
        if id(run) not in runs and len(statements) == len(run.script.statements):
            edits.append(Edit(run.full_span, ""))
            continue
        fewer = without_statements(run, statements)
        if fewer is None:
            return Refused("the removal cannot be taken out")
        edits.extend(fewer)
    title = f"mount {place} for the install"
    return Fix(f"SLIM104-{copy.span.start}", title, tuple(edits), phase=1)


#: Folders that hold more than what is copied there.
SHARED = frozenset(
    "/ /tmp /root /opt /usr /var /home /etc /srv /mnt /app /code /usr/src /usr/local /usr/src/app".split()
)


def crowded(stage: Stage, copy: Copy, place: str) -> str:
    """Say why a mount would hide other files; empty where it would not."""
    if place in SHARED or place.startswith(("/usr/", "/etc/")):
        return f"a mount would hide what else is in {place}"
    for each in stage.lineage:
        for other in each.instructions:
            if other is copy or not isinstance(other, Copy):
                continue
            where = other.destination.expand(each.scope(other).lookup) or ""
            if (posixpath.normpath(posixpath.join(each.workdir(other), where)) + "/").startswith(place + "/"):
                return f"line {other.line} puts something else into {place}"
    return ""


def removes(action: Action, place: str) -> bool:
    """Whether a command does nothing but to remove the folder, for certain."""
    if not isinstance(action, Other) or action.program != "rm" or not action.certain:
        return False
    paths = [text for text in action.texts[1:] if text is None or not text.startswith("-")]
    return bool(paths) and all(text and text.rstrip("/") in (place, f"{place}/*", f"{place}/*.whl") for text in paths)


def other_use(stage: Stage, copy: Copy, place: str, runs: list[Run], gone: list[Action]) -> Instruction | None:
    """Return an instruction that names the folder and is neither an install from it nor its removal."""
    only_removal = {id(each.instruction) for each in gone}
    for each in stage.facts.stages:
        for instruction in each.instructions:
            if instruction is copy or any(instruction is run for run in runs) or id(instruction) in only_removal:
                continue
            same = each is stage or stage in each.lineage
            if same and re.search(rf"{re.escape(place)}(?![\w.-])", instruction.text):
                return instruction
    return None
