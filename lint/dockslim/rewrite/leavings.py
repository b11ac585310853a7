"""What an install leaves behind beside the packages: files that a build writes into its sources, words of pip's."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from dockslim.later import later
from dockslim.model import PipInstall, ProjectInstall, Stage, TargetKind
from dockslim.rewrite.edits import Obligation, Proof
from dockslim.rewrite.forms import apart
from dockslim.rewrite.installs import InstallSet
from dockslim.rewrite.kept_tools import where
from dockslim.rewrite.provenance import ContextReader, origin, working_directory
from dockslim.rewrite.shipped import of_the_image
from dockslim.rewrite.tools import Use
from dockslim.syntax import Copy

__all__ = ["nothing_left_behind"]


def nothing_left_behind(stage: Stage, installs: InstallSet, uses: Sequence[Use]) -> tuple[Obligation, ...]:
    """What the builder's installs leave behind, and the final stage does not get; of no interest where they cannot."""
    name = "nothing else left by the install"
    said = written_into_sources(stage, installs) or place_asked_for(stage, installs, uses) or out_of_order(installs)
    return (Obligation(name, Proof.OPEN, said),) if said else ()


#: What makes a build write into its own sources: a file with the version, a step of the project's own.
OF_A_PROJECT = later(
    r"^\s*(?:version[_-]file|write_to|versionfile_source)\s*=\s*[\"']?([^\"'\n]*)|"
    r"versioningit\.write|\.hooks\.custom\b|custom-hook|run-setup|\[tool\.poetry\.build\]|^\s*build\s*=\s*\"",
    re.MULTILINE,
)
OF_A_SCRIPT = later(
    r"\bopen\s*\([^)\n]*,\s*(?:mode\s*=\s*)?[\"'][wax]|write_text|write_bytes|write_to|version_file|subprocess|"
    r"os\.system|protoc\b|compile_catalog|shutil\.(copy|move)"
)


def written_into_sources(stage: Stage, installs: InstallSet) -> str:
    """Return what says that a build may write into sources that ship; empty where none does.

    The final stage takes those from the context again.  Where they are not what Python imports (a folder `src`, from
    which nothing is installed in place), it does not matter.
    """
    moved = installs.handover.installs if installs.handover is not None else installs.installs
    for action in moved:
        if not isinstance(action, PipInstall | ProjectInstall):
            continue
        folder = working_directory(stage, action)
        if folder is None:
            continue
        in_place = isinstance(action, ProjectInstall) or bool(action.of(TargetKind.EDITABLE))
        for place in places_of(action):
            at = posixpath.normpath(posixpath.join(folder, place))
            reader = ContextReader(stage, action.instruction)
            for name, pattern in (
                ("pyproject.toml", OF_A_PROJECT),
                ("setup.cfg", OF_A_PROJECT),
                ("setup.py", OF_A_SCRIPT),
            ):
                path = posixpath.join(at, name)
                found = pattern.search(reader(path) or "")
                source = origin(stage, action.instruction, path) if found is not None else None
                if found is None or source is None or not isinstance(source.instruction, Copy):
                    continue
                target = (found[1] or "") if pattern is OF_A_PROJECT else ""
                if not in_place and target.startswith("src/") and "PYTHONPATH" not in stage.end.environment:
                    continue
                return f"by {source.context_path} its build may write into sources that ship"
    return ""


def places_of(action: PipInstall | ProjectInstall) -> list[str]:
    """Return the folders, as they are written, whose projects an install builds."""
    if isinstance(action, ProjectInstall):
        return [] if apart(action) else ["."]
    targets = action.of(TargetKind.LOCAL, TargetKind.EDITABLE)
    return [
        re.sub(r"\[.*\]$", "", (each.text or "").removeprefix("file:")).removeprefix("//") or "." for each in targets
    ]


#: Asks pip where a package came from, which is a file where its wheel was installed by its path.
ASKS = later(r"\bpip3?[ ,\"']+(?:freeze|inspect)\b")


def place_asked_for(stage: Stage, installs: InstallSet, uses: Sequence[Use]) -> str:
    """Return what asks where packages came from, where they are installed by the path of their wheels."""
    if not any(split.by_path for split in installs.splits):
        return ""
    for use in uses:
        words = [word or "" for word in use.arguments]
        if {"freeze", "inspect"} & set(words) and any(re.fullmatch(r"pip[0-9.]*", word) for word in words):
            return f"`pip freeze`, called by {where(use)}, tells wheels installed by their path"
    if stage.facts.context is not None:
        path = next((path for path, line in of_the_image(stage.facts).commands if ASKS.search(line)), "")
        return f"{path} calls `pip freeze`, which tells wheels installed by their path" if path else ""
    return ""


#: Projects that bring the same modules: the one that is installed last wins.
ALIKE = tuple(
    frozenset(line.split())
    for line in """
    opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless
    psycopg2 psycopg2-binary
    bson pymongo
    pycrypto pycryptodome
    jwt pyjwt
    jose python-jose
    fitz pymupdf
    serial pyserial
    magic python-magic file-magic filemagic
    docx python-docx
    slugify python-slugify unicode-slugify awesome-slugify
    onnxruntime onnxruntime-gpu onnxruntime-openvino onnxruntime-directml
    tensorflow tensorflow-cpu tensorflow-gpu tensorflow-intel tf-nightly
    faiss faiss-cpu faiss-gpu
    pillow pillow-simd
    discord-py py-cord nextcord
    telegram python-telegram-bot
    levenshtein python-levenshtein
    zmq pyzmq
    pinecone pinecone-client
    """.strip().splitlines()
)


def out_of_order(installs: InstallSet) -> str:
    """Return two projects that bring the same modules, where wheels by their path come in another order."""
    if not any(split.by_path for split in installs.splits):
        return ""
    projects = set(installs.projects())
    pair = next((sorted(each & projects) for each in ALIKE if len(each & projects) > 1), None)
    return f"{pair[0]} and {pair[1]} bring the same modules, and by their path come in another order" if pair else ""
