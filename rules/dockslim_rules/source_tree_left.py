"""SLIM108."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockslim.api import (
    Action,
    Example,
    Finding,
    Fix,
    Other,
    Rule,
    Safety,
    Stage,
    append_command,
    working_directory,
)

__all__ = ["SourceTreeLeft"]

FETCHERS = frozenset({"wget", "curl", "tar", "unzip", "git", "svn", "hg"})


class SourceTreeLeft(Rule):
    """The sources of something that was built stay in the image.

    After `make install` the archive, the unpacked tree and all object files are of no use; often they outweigh what was
    installed. A later RUN that removes them frees nothing.

    The fix removes a tree that was cloned to a path that is known, at the end of the same RUN. It is unsafe: something
    may still be used from there. Better is a builder stage, and a COPY of what it installed.
    """

    code = "SLIM108"
    name = "source-tree-left"
    safety = Safety.UNSAFE
    examples = (
        Example(
            bad=(
                "FROM debian:12\n"
                "RUN git clone https://github.com/a/b /tmp/b && cd /tmp/b && ./configure && «make install»\nCMD app\n"
            ),
            good=(
                "FROM debian:12\n"
                "RUN git clone https://github.com/a/b /tmp/b && cd /tmp/b && ./configure && make install "
                "&& rm -rf /tmp/b\nCMD app\n"
            ),
        ),
        Example(
            bad="FROM debian:12\nRUN wget https://e.org/b.tgz && tar xf b.tgz\nRUN cd b && «make install»\nCMD app\n"
        ),
        Example(
            allow="FROM debian:12\nRUN wget https://e.org/b.tgz && tar xf b.tgz && make install && rm -r b*\nCMD app\n",
        ),
        Example(
            allow=(
                "FROM debian:12 AS builder\nRUN git clone https://github.com/a/b /tmp/b && cd /tmp/b && make install\n"
                "FROM debian:12\nCOPY --from=builder /usr/local /usr/local\nCMD app\n"
            ),
            note="A builder stage does not ship.",
        ),
        Example(
            allow="FROM debian:12\nCOPY . /app\nRUN make -C /app install\nCMD app\n",
            note="make runs the project's own set-up.",
        ),
        Example(
            allow=(
                "FROM debian:12\nRUN --mount=type=tmpfs,target=/tmp git clone https://github.com/a/b /tmp/b && "
                "cd /tmp/b && make install\nCMD app\n"
            ),
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look for an install from sources that nothing removes."""
        configuration = stage.facts.final_stage.configuration
        if not (configuration.cmd or configuration.entrypoint):
            return
        fetched: list[Action] = []
        told: set[int] = set()
        actions = stage.actions
        for at, action in enumerate(actions):
            if isinstance(action, Other) and action.program in FETCHERS and brings(action):
                fetched.append(action)
            if not installs(action) or not fetched or action.command.depth > 1:
                continue
            run = action.instruction
            rest = [each for each in actions[at + 1 :] if each.instruction is run]
            later = [each for each in rest if installs(each)]
            if later or run.mounts or any(removes(each) for each in rest) or id(run) in told:
                continue
            told.add(id(run))
            here = [each for each in fetched if each.instruction is run]
            fetched = here or fetched[-1:]
            position = stage.facts.file.source.position
            sources = ", ".join(dict.fromkeys(str(position(each.span.start).line) for each in fetched))
            yield self.finding(
                action,
                f"what line{'s' if ',' in sources else ''} {sources} fetched to build this stays in the image",
                help="build it in a stage of its own, or remove the tree in the same RUN",
                fix=mend(stage, action, fetched),
            )
            fetched = []


def brings(action: Other) -> bool:
    """Whether a command brings sources: a clone, an archive."""
    if action.program in ("git", "hg", "svn"):
        return action.has("clone") or (action.program == "svn" and action.has("checkout", "co"))
    if action.program == "tar":
        return any(
            text is not None and "x" in text and (text[:1] == "-" or at == 0)
            for at, text in enumerate(action.texts[1:])
        )
    return action.program == "unzip"


def installs(action: Action) -> bool:
    """Whether a command installs what was built."""
    if not isinstance(action, Other) or action.program not in ("make", "gmake", "ninja", "cmake"):
        return False
    return action.has("install", "--install", "altinstall", "install-strip", "install_sw")


def removes(action: Action) -> bool:
    """Whether a command removes something, or may."""
    return action.texts[:1] in ((None,), ()) or (
        isinstance(action, Other) and action.program in ("rm", "find", "mv", "sh", "bash")
    )


def mend(stage: Stage, action: Action, fetched: list[Action]) -> Fix | None:
    """Remove a cloned tree at the end of the RUN."""
    if len(fetched) != 1 or not fetched[0].has("clone") or fetched[0].instruction is not action.instruction:
        return None
    words = [text for text in fetched[0].texts[1:] if text is None or not text.startswith("-")]
    folder = working_directory(stage, fetched[0])
    if len(words) != 3 or None in words or folder is None or "://" not in (words[1] or ""):
        return None
    path = posixpath.normpath(posixpath.join(folder, words[2] or ""))
    used = [each for each in stage.instructions if each is not action.instruction and path in each.text]
    edit = append_command(stage.facts.file, action.instruction, f"rm -rf {path}")
    if edit is None or used or path.count("/") < 2:
        return None
    return Fix(f"SLIM108-{action.span.start}", f"remove {path}", (edit,), Safety.UNSAFE, phase=2)
