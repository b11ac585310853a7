"""Why nothing could be verified, in words that a user can act on.

Engines say what went wrong in English prose that differs by version; the table below is the one place that reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Fault", "FaultKind", "Interrupted", "classify"]

FaultKind = str


class Interrupted(BaseException):
    """Somebody stopped the whole run; like KeyboardInterrupt it must not be caught by ``except Exception``."""


@dataclass(eq=False)
class Fault(Exception):  # noqa: N818 - most are no error of ours
    """Verification could not be done.  ``kind`` is a stable word, ``message`` one line, ``details`` the log's tail."""

    kind: FaultKind
    message: str
    details: str = ""

    def __str__(self) -> str:
        return self.message


_IMAGE = r"(?P<image>[^\s\"',:]+(?::[^\s\"',:]+)*)"

# Order matters: a full disk shows up in the middle of pulls and builds alike, so it is asked first.
_TABLE: tuple[tuple[FaultKind, str, str], ...] = (
    ("disk-full", r"no space left on device|disk quota exceeded", "{engine} ran out of disk space{during}"),
    (
        "no-permission",
        r"permission denied while trying to connect|dial unix [^\n]*: connect: permission denied",
        "no permission to talk to {engine}: this user may not use its socket (is it in the docker group?)",
    ),
    (
        "no-daemon",
        r"cannot connect to the docker daemon|is the docker daemon running|failed to connect to the docker api"
        r"|cannot connect to podman|dial unix [^\n]*: connect: (connection refused|no such file)"
        r"|error during connect|dial tcp [^\n]*: connect: connection refused",
        "{engine} does not answer: its daemon is not running, or not where DOCKER_HOST or the context point",
    ),
    (
        "base-unavailable",
        rf"pull access denied for {_IMAGE}|failed to resolve source metadata for {_IMAGE.replace('image', 'image2')}"
        rf"|initializing source docker://{_IMAGE.replace('image', 'image3')}"
        rf"|{_IMAGE.replace('image', 'image4')}: image not known|manifest unknown|no such image"
        r"|short-name \"(?P<image5>[^\"]+)\" did not resolve",
        "the base image{image} cannot be pulled",
    ),
    (
        "engine-lost",
        r"error reading from server: eof|transport is closing|closing transport due to|connection reset by peer"
        r"|code = unavailable|code = canceled|unexpected eof|broken pipe|error reading preface from client"
        r"|rpc error: code = unknown desc = .*context canceled|failed to receive status",
        "{engine} stopped answering{during}",
    ),
)


def classify(output: str, engine: str, during: str = "") -> Fault | None:
    """Return what the engine's ``output`` means where it is a known fault of the machine, None where it is not.

    ``during`` names what was being done ("while building the original").
    """
    for kind, pattern, message in _TABLE:
        found = re.search(pattern, output, re.IGNORECASE)
        if found is None:
            continue
        image = next((value for value in found.groupdict().values() if value), "")
        text = message.format(
            engine=engine, during=f" {during}" if during else "", image=f" {image.rstrip(':')}" if image else ""
        )
        return Fault(kind, text, tail(output))
    return None


def tail(output: str, lines: int = 20) -> str:
    """Return the last ``lines`` non-empty lines of ``output``."""
    kept = [line.rstrip() for line in output.splitlines() if line.strip()]
    return "\n".join(kept[-lines:])
