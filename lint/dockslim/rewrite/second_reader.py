"""dockerfile-parse as the second reader: an independent parser that must see what dockslim sees."""

from __future__ import annotations

import io
import logging

from dockslim.syntax import File

__all__ = ["agrees", "instructions_seen"]


def instructions_seen(data: bytes) -> list[tuple[str, int]] | None:
    """Return each instruction's keyword (upper case) and first line (from 1), None where it cannot read the file."""
    from dockerfile_parse import DockerfileParser

    logging.getLogger("dockerfile_parse").setLevel(logging.CRITICAL)
    try:
        parser = DockerfileParser(fileobj=io.BytesIO(data))
        return [
            (item["instruction"], item["startline"] + 1)
            for item in parser.structure
            if item["instruction"] != "COMMENT"
        ]
    except (UnicodeDecodeError, ValueError, KeyError, IndexError, TypeError):
        return None


def agrees(file: File) -> bool:
    """Whether the second reader sees the same instructions, on the same lines, as dockslim does."""
    seen = instructions_seen(file.data)
    return seen == [(instruction.name, instruction.line) for instruction in file.instructions]
