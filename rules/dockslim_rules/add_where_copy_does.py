"""SLIM403."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockslim.api import Add, Edit, Example, Finding, Fix, Instruction, Rule, Safety, Stage

__all__ = ["AddWhereCopyDoes"]

#: What ADD unpacks, by the end of its name; `*` may stand for any of them.
PACKED = r"\.(tar|t?gz|bz2|tbz2?|xz|txz|zst|lzma|tlz|z|Z|lz4)(\.[a-z0-9]+)?$|\*$|\$|^https?:|^git@|\.git([#/]|$)"
#: What is surely no archive.
PLAIN = (
    r"^\.?/?$|/$|\.(py|txt|toml|lock|json|ya?ml|sh|cfg|ini|conf|cnf|env|md|rst|html|js|css|sql|xml|service|pem|crt|repo|list|"
    r"sources|whl|jar|deb|rpm|ipynb|template|properties|R|r|pl|rb|go|c|h|cpp|key|gpg|asc)$|(^|/)(Pipfile|Makefile|LICENSE)$"
)


class AddWhereCopyDoes(Rule):
    """ADD is used where COPY would do.

    ADD also downloads and unpacks. For a plain file or folder that is a surprise in waiting: the day somebody adds a
    `.tar.gz` of that name it comes out unpacked.

    The fix writes COPY. It is safe for what is surely no archive, by its name or by a look into the build context;
    otherwise it is unsafe.
    """

    code = "SLIM403"
    name = "add-where-copy-does"
    safety = Safety.SAFE
    aliases = ("DL3020",)
    examples = (
        Example(
            bad="FROM python:3.12-slim\n«ADD» requirements.txt /app/\n",
            good="FROM python:3.12-slim\nCOPY requirements.txt /app/\n",
        ),
        Example(
            bad="FROM python:3.12-slim\n«ADD» --chown=app:app . /app\n",
            good="FROM python:3.12-slim\nCOPY --chown=app:app . /app\n",
        ),
        Example(
            bad="FROM python:3.12-slim\n«ADD» model /model\n",
            good="FROM python:3.12-slim\nCOPY model /model\n",
            unsafe=True,
            note="`model` might be an archive.",
        ),
        Example(
            bad="FROM python:3.12-slim\n«ADD» model /model\n",
            good="FROM python:3.12-slim\nCOPY model /model\n",
            files={"model/weights.bin": "0"},
            note="Here it is seen to be a folder.",
        ),
        Example(allow="FROM debian:12\nADD rootfs.tar.gz /\n", note="It is unpacked."),
        Example(allow="FROM debian:12\nADD https://example.org/tool /usr/local/bin/\n", note="It is downloaded."),
        Example(allow="FROM debian:12\nADD https://github.com/psf/requests.git /src\n"),
        Example(allow="FROM debian:12\nARG FILE\nADD $FILE /\n", note="Who knows what it is."),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each ADD."""
        for instruction in stage.instructions:
            if isinstance(instruction, Add):
                yield from self.about(stage, instruction)

    def about(self, stage: Stage, add: Add) -> Iterator[Finding]:
        """Flag an ADD whose sources are all plain."""
        sources = [word.raw for word in add.sources]
        if any(flag.name not in ("chown", "chmod", "link", "exclude") for flag in add.flags):
            return
        if not sources or any(re.search(PACKED, source.strip("\"'")) for source in sources):
            return
        context = stage.facts.context
        sure = all(
            re.search(PLAIN, source)
            or (context is not None and context.is_folder(source))
            or (context is not None and context.read(source) is not None)
            for source in sources
        )
        names = ", ".join(posixpath.basename(source.rstrip("/")) or source for source in sources[:3])
        verb = "are" if len(sources) > 1 else "is"
        safety = Safety.SAFE if sure else Safety.UNSAFE
        fix = Fix(f"SLIM403-{add.span.start}", "write COPY", (Edit(add.keyword_span, as_written(add)),), safety)
        yield self.finding(add.keyword_span, f"{names} {verb} neither downloaded nor unpacked: COPY says so", fix=fix)


def as_written(instruction: Instruction) -> str:
    """COPY, in small letters where the file has them."""
    return "COPY" if instruction.keyword.isupper() else "copy"
