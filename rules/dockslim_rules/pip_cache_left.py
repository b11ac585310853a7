"""SLIM204."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Example, Family, Finding, Fix, PipInstall, Rule, Run, Safety, Stage
from dockslim_rules import option_behind

__all__ = ["PipCacheLeft"]

#: For pip and uv: the options that keep the cache away, the variable that does, the option to write.
QUIET = {
    "pip": (("--no-cache-dir", "--no-cache", "--cache-dir", "--no-index"), "PIP_NO_CACHE_DIR", "--no-cache-dir"),
    "uv": (("--no-cache", "--no-cache-dir", "-n", "--cache-dir", "--no-index"), "UV_NO_CACHE", "--no-cache"),
}
#: Bases that are known to set no such variable.
KNOWN = frozenset({Family.PYTHON, Family.DEBIAN, Family.UBUNTU, Family.ALPINE})


class PipCacheLeft(Rule):
    """pip's cache stays in the image.

    pip and uv keep what they download and build under ~/.cache, for a next install that never comes in a finished
    image: as many bytes again as the wheels themselves. A later RUN that removes it frees nothing.

    The fix tells pip to keep no cache; what is installed is the same, so it is safe. In a builder stage the cache does
    not ship and is left alone.
    """

    code = "SLIM204"
    name = "pip-cache-left"
    safety = Safety.SAFE
    aliases = ("DL3042",)
    examples = (
        Example(
            bad="FROM python:3.12-slim\nRUN pip «install» -r requirements.txt\n",
            good="FROM python:3.12-slim\nRUN pip install --no-cache-dir -r requirements.txt\n",
            files={"requirements.txt": "flask==3.0.3\n"},
        ),
        Example(
            bad="FROM python:3.12-slim\nRUN pip «install» uv\nRUN uv pip «install» --system flask\n",
            good=(
                "FROM python:3.12-slim\n"
                "RUN pip install --no-cache-dir uv\n"
                "RUN uv pip install --no-cache --system flask\n"
            ),
        ),
        Example(allow="FROM python:3.12-slim\nRUN pip --no-cache-dir install flask\n"),
        Example(allow="FROM python:3.12-slim\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask\n"),
        Example(
            allow="FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache pip install flask\n",
            note="The cache is a mount, not a part of the image.",
        ),
        Example(
            allow="FROM python:3.12-slim\nRUN pip install flask && rm -rf ~/.cache\n",
            note="It is gone before the layer is closed.",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\n"
                "RUN pip install --prefix=/install flask\n"
                "FROM python:3.12-slim\n"
                "COPY --from=builder /install /usr/local\n"
            ),
            note="A builder stage does not ship.",
        ),
        Example(
            note="pip takes options that are cut short.",
            allow="FROM python:3.12-slim\nRUN pip install --no-cache flask && pip --no-cache install gunicorn\n",
        ),
        Example(
            note="In JSON each word is a string.",
            bad='FROM python:3.12-slim\nRUN ["pip", "«install»", "flask"]\n',
            good='FROM python:3.12-slim\nRUN ["pip", "install", "--no-cache-dir", "flask"]\n',
        ),
        Example(
            bad='FROM python:3.12-slim\nRUN ["sh", "-c", "pip «install» flask"]\n',
            good='FROM python:3.12-slim\nRUN ["sh", "-c", "pip install --no-cache-dir flask"]\n',
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each install, and at what keeps its cache out of the layer."""
        if stage.base.family not in KNOWN or configured(stage):
            return
        for action in stage.pip_installs:
            options, variable, option = QUIET[action.installer]
            if action.has(*options) or any(text and text.startswith("--cache-dir=") for text in action.texts):
                continue
            if stage.scope(action.instruction).environment.get(variable, "") != "" or exported(action, variable):
                continue
            if in_mount(action.instruction) or removed(stage, action):
                continue
            yield self.finding(
                action.verb,
                f"what {action.installer} downloads and builds stays in its cache, in the image",
                fix=Fix(
                    f"SLIM204-{action.verb.start}",
                    f"write {option}",
                    (option_behind(action, action.verb, option),),
                ),
            )


def configured(stage: Stage) -> bool:
    """Whether a RUN tells pip once and for all, in its configuration."""
    return any("no-cache-dir" in run.text and "config" in run.text for each in stage.lineage for run in each.runs)


def exported(action: PipInstall, variable: str) -> bool:
    """Whether the RUN itself sets the variable."""
    return f"{variable}=" in action.instruction.text


def in_mount(run: Run) -> bool:
    """Whether the cache folder is a mount."""
    return any(
        mount.type in ("cache", "tmpfs") and any(word in str(mount.target) for word in ("cache", "pip", "uv"))
        for mount in run.mounts
    )


def removed(stage: Stage, action: PipInstall) -> bool:
    """Whether the same RUN takes the cache away again."""
    later = [each for each in stage.actions_of(action.instruction) if each.span.start > action.span.end]
    return any(
        (each.has("purge", "clean") and each.has("cache"))
        or (each.has("rm") and any(text is None or "cache" in text for text in each.texts))
        for each in later
    )
