"""SLIM107."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockslim.api import (
    Action,
    Example,
    Finding,
    Fix,
    Other,
    Rule,
    Run,
    Safety,
    Stage,
    append_command,
)

__all__ = ["ToolCacheLeft"]

#: program: (words that make it fetch, a part of the cache's path, environment variables that move it, how to clean up)
TOOLS = {
    "npm": (
        ("install", "i", "ci", "add"),
        (".npm", "npm"),
        ("npm_config_cache", "NPM_CONFIG_CACHE"),
        "npm cache clean --force",
    ),
    "yarn": (("install", "add"), ("yarn",), ("YARN_CACHE_FOLDER",), "yarn cache clean"),
    "conda": (("install", "create", "update"), ("conda", "pkgs"), ("CONDA_PKGS_DIRS",), "conda clean -ay"),
    "mamba": (("install", "create", "update"), ("conda", "mamba", "pkgs"), ("CONDA_PKGS_DIRS",), "mamba clean -ay"),
    "micromamba": (("install", "create", "update"), ("mamba", "pkgs"), ("CONDA_PKGS_DIRS",), "micromamba clean -ay"),
    "cargo": (("install", "build"), ("cargo",), ("CARGO_HOME", "CARGO_TARGET_DIR"), ""),
    "go": (("install", "build", "get"), ("go",), ("GOCACHE", "GOMODCACHE", "GOPATH"), ""),
}
FOREIGN = frozenset({"cargo", "go"})


class ToolCacheLeft(Rule):
    """The cache of npm, yarn, conda, cargo or Go stays in the image.

    Each keeps what it downloads for a next time that never comes in a finished image: as many bytes again as what it
    installed. A later RUN that removes them frees nothing. (For pip and uv see SLIM204, for apk, dnf and yum SLIM207.)

    The fix cleans up at the end of the same RUN (npm, yarn, conda, mamba). It is safe: what was installed stays. With a
    cache mount, `RUN --mount=type=cache,target=/root/.npm`, builds are quicker, too.
    """

    code = "SLIM107"
    name = "tool-cache-left"
    safety = Safety.SAFE
    aliases = ("DL3060",)
    examples = (
        Example(
            bad="FROM python:3.12-slim\nRUN apt-get install -y npm\nRUN «npm ci»\n",
            good="FROM python:3.12-slim\nRUN apt-get install -y npm\nRUN npm ci && npm cache clean --force\n",
        ),
        Example(
            bad="FROM continuumio/miniconda3\nRUN «conda install -y numpy»\n",
            good="FROM continuumio/miniconda3\nRUN conda install -y numpy && conda clean -ay\n",
        ),
        Example(bad="FROM python:3.12-slim\nRUN curl https://sh.rustup.rs | sh -s -- -y && «cargo install ripgrep»\n"),
        Example(allow="FROM continuumio/miniconda3\nRUN conda install -y numpy && conda clean --all -y\n"),
        Example(allow="FROM debian:12\nRUN /opt/conda/bin/conda update -y conda && /opt/conda/bin/conda clean -ya\n"),
        Example(allow="FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm ci\n"),
        Example(allow="FROM node:22\nRUN npm ci && rm -rf ~/.npm\n"),
        Example(
            allow="FROM node:22 AS web\nRUN npm ci\nFROM python:3.12-slim\nCOPY --from=web /dist /dist\n",
            note="A builder stage does not ship.",
        ),
        Example(
            allow="FROM node:22\nRUN corepack enable && yarn install --immutable\n",
            note="What yarn 2 and later have in their cache is what the program runs from.",
        ),
        Example(allow="FROM node:22\nRUN npm install --cache /tmp/npm && rm -rf /tmp/npm\n"),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at the last fetch of each tool in each RUN."""
        for run in stage.runs:
            last: dict[str, Action] = {}
            actions = stage.actions_of(run)
            for action in actions:
                if isinstance(action, Other) and fetches(action) and action.program is not None:
                    last[action.program] = action
            for program, action in last.items():
                _, places, variables, command = TOOLS[program]
                if program == "yarn" and modern(stage):
                    continue
                if mounted(run, places) or moved(stage, run, variables):
                    continue
                if any(cleans(each, program) for each in actions[actions.index(action) + 1 :]):
                    continue
                done = "downloaded or built" if program in FOREIGN else "downloaded"
                yield self.finding(
                    action,
                    f"what {program} {done} stays in its cache, in the image",
                    help=f"end the RUN with `{command}`" if command else "remove its cache in the same RUN",
                    fix=mend(stage, run, action, actions, command),
                )


def fetches(action: Other) -> bool:
    """Whether a command fills a cache."""
    known = TOOLS.get(action.program or "")
    if known is None or action.has("--help", "--version", "--dry-run", "--offline", "--cache", "--no-cache"):
        return False
    words = [text for text in action.texts[1:] if text is not None and not text.startswith("-")]
    if action.program == "yarn" and len(action.texts) == 1:
        return True
    if words[:2] == ["env", "create"] or words[:2] == ["env", "update"]:
        return action.program not in FOREIGN
    return bool(words) and words[0] in known[0]


def modern(stage: Stage) -> bool:
    """Whether yarn may be one whose cache is what the program runs from (2 and later)."""
    words = ("corepack", ".yarn", "berry", "set version")
    return any(word in each.text for each in stage.instructions for word in words)


def mounted(run: Run, places: tuple[str, ...]) -> bool:
    """Whether the cache is a mount."""
    return any(
        mount.type in ("cache", "tmpfs") and any(place in str(mount.target) for place in (*places, "cache"))
        for mount in run.mounts
    )


def moved(stage: Stage, run: Run, variables: tuple[str, ...]) -> bool:
    """Whether the cache was told to be elsewhere."""
    scope = stage.scope(run)
    return any(name in scope.environment or f"{name}=" in run.text for name in variables)


def cleans(action: Action, program: str) -> bool:
    """Whether a command cleans up (or cannot be read, so that it may)."""
    if action.texts[:1] in ((None,), ()):
        return True
    words, called = set(action.texts), (action.texts[0] or "").rpartition("/")[2]
    if called == program or (program.endswith("mamba") and called in ("conda", "mamba")):
        return bool({"clean", "prune"} & words)
    if isinstance(action, Other) and action.program in ("rm", "find"):
        parts = ("cache", *TOOLS[program][1], "/root", "~", "/tmp")  # noqa: S108 - a path that is removed
        return any(text is None or any(part in text for part in parts) for text in action.texts[1:])
    return False


def mend(stage: Stage, run: Run, action: Action, actions: Sequence[Action], command: str) -> Fix | None:
    """Clean up at the end of the RUN, unless the tool itself may be gone by then."""
    if not command or not action.certain or len(set(action.command.wrappers)):
        return None
    if any(each.has("purge", "remove", "uninstall", "del") for each in actions[actions.index(action) + 1 :]):
        return None
    edit = append_command(stage.facts.file, run, command)
    if edit is None:
        return None
    return Fix(f"SLIM107-{action.span.start}", f"clean up with `{command}`", (edit,), phase=2)
