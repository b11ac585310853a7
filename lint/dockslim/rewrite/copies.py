"""The files that the builder's instructions read: which COPYs come along, and how much of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from dockslim.later import later
from dockslim.model import Action, Other, PackageClean, PipInstall, Stage
from dockslim.rewrite.installs import InstallSet
from dockslim.rewrite.pip_words import remove_words
from dockslim.rewrite.plan import Treatment
from dockslim.rewrite.provenance import Origin, origin, working_directory
from dockslim.rewrite.relevance import opaque
from dockslim.rewrite.runs import slice_with_edits
from dockslim.syntax import Add, Copy, Env, Run

__all__ = ["copy_text", "with_files_of_runs", "without_owner"]


def with_files_of_runs(stage: Stage, treatments: list[Treatment], known: set[str]) -> list[Treatment]:
    """Give the builder each COPY whose files one of its RUNs names; ``known`` are files that it has already."""
    needed: set[int] = set()
    for treatment in treatments:
        run = treatment.instruction
        if isinstance(run, Run) and treatment.builder is not None:
            if any(map(reads_unnamed, stage.actions_of(run))):
                needed |= {id(copy) for copy in copies_before(stage, run)}
            for path in named_paths(stage, run):
                found = origin(stage, run, path) if path not in known else None
                if found is not None and isinstance(found.instruction, Copy | Add) and there(stage, found):
                    needed.add(id(found.instruction))
    needed |= {id(copy) for copy in copies_of_settings(stage, treatments)}
    last = max((each.instruction.span.start for each in treatments if each.builder is not None), default=0)
    needed |= {id(copy) for copy in copies_to_system(stage, last)}
    return [
        treatment._replace(builder=without_owner(treatment.instruction))
        if isinstance(treatment.instruction, Copy | Add) and id(treatment.instruction) in needed
        else treatment
        for treatment in treatments
    ]


#: Variables that tell pip or a compiler where something is.
OF_A_BUILD = later(
    r"CERT|CA_BUNDLE|SSL|^(PIP|UV)_|NETRC|FLAGS$|^(CPATH|PATH|CC|CXX|LD|AR)$|INCLUDE_PATH|LIBRARY_PATH|PKG_CONFIG|GIT_SSH|"
    r"CMAKE|(?<!PYTHON)(_DIR|_ROOT|_PREFIX)$"
)
#: A path in the value of a variable: a file, a folder, or an option with one (`-I/x/include`).
PATHS = later(r"/[\w.+@-]+(?:/[\w.+@-]+)*")


def copies_of_settings(stage: Stage, treatments: list[Treatment]) -> list[Copy | Add]:
    """Return what is copied to where a variable of the builder points: certificates, headers, programs on the PATH."""
    kept = [each.instruction for each in treatments if isinstance(each.instruction, Run) and each.builder is not None]
    if not kept:
        return []
    values = [
        pair.value.raw
        for holder in stage.lineage
        for each in holder.instructions
        if isinstance(each, Env) and each.span.start < kept[-1].span.start
        for pair in each.pairs
        if pair.value is not None and OF_A_BUILD.search(pair.name.raw)
    ]
    named = {path for value in values for path in PATHS.findall(value) if not path.startswith("/usr/")}
    found: list[Copy | Add] = []
    for instruction in copies_before(stage, kept[-1]):
        raw = instruction.destination.expand(stage.scope(instruction).lookup) or instruction.destination.raw
        place = posixpath.normpath(posixpath.join(stage.workdir(instruction), raw))
        files = {posixpath.join(place, posixpath.basename(word.raw)) for word in instruction.sources}
        for path in named:
            whole = any(word.raw in (".", "./") for word in instruction.sources)  # the application's own tree
            inside = not whole and (place == path or place.startswith(f"{path}/"))
            if inside or path in files or (instruction.from_ is not None and path.startswith(f"{place}/")):
                found.append(instruction)
                break
    return found


def reads_unnamed(action: Action) -> bool:
    """Whether a command may read files that its words do not name: a program of the user's, or a pattern of names."""
    patterns = any(re.search(r"[*?\[]", text or "") and "/" in (text or "") for text in action.texts[1:])
    clears = isinstance(action, Other) and action.program in ("rm", "ls", "find", "echo", "chmod", "sed", "printf")
    return opaque(action) or (patterns and not clears and not isinstance(action, PipInstall | PackageClean))


def copies_before(stage: Stage, run: Run) -> list[Copy | Add]:
    """Return the COPY and ADD instructions in front of a RUN."""
    return [
        instruction
        for instruction in stage.instructions
        if isinstance(instruction, Copy | Add) and instruction.span.start < run.span.start
    ]


#: Places that any command may read without naming them: settings, programs, libraries, a home folder.
SYSTEM = later(r"^(/(etc|usr|bin|sbin|lib\w*|opt|root|home)(/|$)|~|\$)")


def copies_to_system(stage: Stage, end: int) -> list[Copy | Add]:
    """Return what is copied before ``end`` to where any command may read it."""
    return [
        instruction
        for instruction in stage.instructions
        if isinstance(instruction, Copy | Add)
        and instruction.span.start < end
        and (SYSTEM.search(instruction.destination.raw) or overlays(instruction))
        and not (instruction.destination.raw.startswith(("/opt", "/home", "/usr/src")) and instruction.from_ is None)
    ]


def overlays(instruction: Copy | Add) -> bool:
    """Whether a COPY lays a folder over the image's own: `COPY rootfs/ /`."""
    folders = [word.raw for word in instruction.sources if not re.search(r"\.\w+$", word.raw) and word.raw != "."]
    return instruction.destination.raw == "/" and instruction.from_ is None and bool(folders)


def there(stage: Stage, found: Origin) -> bool:
    """Whether a file that a COPY may bring is there, as far as the build context is at hand."""
    context = stage.facts.context
    return context is None or found.context_path is None or context.exists(found.context_path)


#: What a word must look like to be taken for a file's name.
PATH_LIKE = later(r"/|\.[A-Za-z][A-Za-z0-9]{0,5}$")


def named_paths(stage: Stage, run: Run) -> set[str]:
    """Return the absolute paths that the words of a RUN may name."""
    paths: set[str] = set()
    for action in stage.actions_of(run):
        folder = working_directory(stage, action)
        inputs = [redirect.raw.partition("<")[2].strip() for redirect in action.command.redirects]
        for text in (*action.texts, *inputs):
            word = (text or "").rpartition("=")[2].removeprefix("file://")
            if PATH_LIKE.search(word) and folder is not None and not word.startswith("-") and "://" not in word:
                paths.add(posixpath.normpath(posixpath.join(folder, word)))
    return paths


def copy_text(stage: Stage, instruction: Copy | Add, files: list[tuple[str, Origin]], installs: InstallSet) -> str:
    """Return the COPY of exactly the files that the installs read; the whole instruction where that is not known."""
    whole = any(found.whole or found.context_path is None for _, found in files)
    if instruction.from_ is not None or not whole or not installs.readable:
        return without_owner(instruction)
    folder = stage.workdir(instruction)
    by_folder: dict[str, list[str]] = {}
    for path, found in files:
        if found.context_path is None or posixpath.basename(path) != posixpath.basename(found.context_path):
            return without_owner(instruction)
        by_folder.setdefault(posixpath.dirname(path), []).append(found.context_path)
    lines: list[str] = []
    for target, sources in by_folder.items():
        relative = posixpath.relpath(target, folder)
        where = "./" if relative == "." else target.rstrip("/") + "/"
        lines.append(copy_line(instruction.keyword, [*map(escaped, sources), where]))
    return stage.facts.file.source.newline.join(lines)


def escaped(path: str) -> str:
    """Return a path as a pattern that matches only itself."""
    return re.sub(r"([*?\[])", r"[\1]", path).replace("$", "\\$")


def copy_line(keyword: str, words: Sequence[str]) -> str:
    """Return a COPY; in JSON form where a word has blanks in it."""
    if any(re.search(r"\s|\"|\\(?!\$)", word) for word in words):
        import json  # rarely needed

        return f"{keyword} {json.dumps(list(words), ensure_ascii=False)}"
    return f"{keyword} {' '.join(words)}"


def without_owner(instruction: Copy | Add) -> str:
    """Return a COPY's text without `--chown`: the builder may not have that user, and its files do not ship."""
    spans = [flag.span for flag in instruction.flags if flag.name == "chown"]
    return slice_with_edits(instruction.file.text, instruction.span, remove_words(instruction.file.text, spans))
