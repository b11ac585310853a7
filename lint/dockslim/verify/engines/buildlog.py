"""Reading what engines print while they build: the step that is running, and the step that failed."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Failure", "Step", "failure", "step"]

_BUILDKIT_STEP = re.compile(r"^#(?P<id>\d+) \[(?P<where>[^\]]+)\] (?P<what>.+)$")
_BUILDKIT_LINE = re.compile(r"^#(?P<id>\d+) (?P<rest>.*)$")
_BUILDKIT_ERROR = re.compile(r"^#(?P<id>\d+) ERROR: (?P<why>.*)$")
_CLASSIC_STEP = re.compile(r"^(?:\[(?P<stage>[^\]]+)\] )?STEP (?P<where>\d+/\d+): (?P<what>.+)$", re.IGNORECASE)
_TIMES = re.compile(r"^\d+\.\d+ ")


@dataclass(frozen=True, slots=True)
class Step:
    """A step that begins: ``where`` is the engine's own "builder 2/4"."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"[{self.where}] {self.what}"


@dataclass(frozen=True, slots=True)
class Failure:
    """The step that failed, why, and the last lines that it printed."""

    step: str
    why: str
    log: str


def step(line: str) -> Step | None:
    """Return the step that ``line`` announces, None when it announces none (BuildKit's own bookkeeping is none)."""
    found = _BUILDKIT_STEP.match(line)
    if found is not None:
        if found["where"] in ("internal", "auth") or found["where"].startswith("internal"):
            return None
        return Step(found["where"], found["what"])
    found = _CLASSIC_STEP.match(line)
    if found is not None:
        return Step(found["where"], found["what"])
    return None


def failure(log: str, lines: int = 20) -> Failure:
    """Return what failed in a whole build log (docker's, podman's or buildah's)."""
    return _buildkit(log, lines) or _classic(log, lines)


def _buildkit(log: str, lines: int) -> Failure | None:
    names: dict[str, str] = {}
    printed: dict[str, list[str]] = {}
    failed: tuple[str, str] | None = None
    for line in log.splitlines():
        error = _BUILDKIT_ERROR.match(line)
        if error is not None:
            # A cancelled neighbour fails too; the first error is the cause.
            if failed is None or "context canceled" in failed[1]:
                failed = (error["id"], error["why"])
            continue
        begins = _BUILDKIT_STEP.match(line)
        if begins is not None:
            names[begins["id"]] = f"[{begins['where']}] {begins['what']}"
            continue
        more = _BUILDKIT_LINE.match(line)
        if more is not None:
            printed.setdefault(more["id"], []).append(_TIMES.sub("", more["rest"]))
    if failed is None:
        return None
    number, why = failed
    return Failure(names.get(number, ""), why, "\n".join(printed.get(number, [])[-lines:]))


def _classic(log: str, lines: int) -> Failure:
    current, printed, why = "", list[str](), ""
    for line in log.splitlines():
        begins = step(line)
        if begins is not None:
            current, printed = str(begins), []
        elif re.match(r"(?i)^error\b|^Error: ", line):
            why = re.sub(r"(?i)^error:? ?", "", line) if not why or "exit status" not in line else why
        elif line.strip():
            printed.append(line.rstrip())
    if not why:
        why = printed[-1] if printed else "the engine gave no reason"
    return Failure(current, why, "\n".join(printed[-lines:]))
