"""SLIM404."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockslim.api import Add, Example, Finding, Instruction, Rule

__all__ = ["RemoteAddWithoutChecksum"]

#: What is added only so that the layers behind it are built anew when it changes.
MOVING = (
    r"api\.github\.com/repos/.*/(git|refs|commits|branches|releases|tags)\b"
    r"|/(version|timestamp|time|random)[^/]*$|random|\?|\.git(#|$)"
)


class RemoteAddWithoutChecksum(Rule):
    """A file is downloaded with ADD, and nothing says what it should be.

    Whoever controls the server, or sits in between, decides what is in your image. `ADD --checksum=sha256:…` fails the
    build when the file is another one, and lets BuildKit take it from the cache without asking the server.

    It has no fix: which checksum is right only you can say.
    """

    code = "SLIM404"
    name = "remote-add-without-checksum"
    examples = (
        Example(bad="FROM debian:12\nADD «https://example.org/tool-1.2.tar.gz» /opt/\n"),
        Example(allow=f"FROM debian:12\nADD --checksum=sha256:{'24' * 32} https://example.org/tool.tar.gz /opt/\n"),
        Example(allow="FROM debian:12\nADD tool.tar.gz /opt/\n"),
        Example(
            allow="FROM debian:12\nADD https://api.github.com/repos/me/app/git/refs/heads/main version.json\n",
            note="It is there to change: the layers behind it are built anew.",
        ),
        Example(allow="FROM debian:12\nARG REF\nADD https://api.github.com/repos/me/app/git/${REF} /now.json\n"),
        Example(allow="FROM debian:12\nADD https://github.com/psf/requests.git /src\n", note="A repository."),
    )

    def check_instruction(self, instruction: Instruction) -> Iterator[Finding]:
        """Look at each source of each ADD."""
        if not isinstance(instruction, Add) or instruction.flag("checksum") is not None:
            return
        for word in instruction.sources:
            if word.raw.startswith(("http://", "https://")) and not re.search(MOVING, word.raw):
                yield self.finding(
                    word,
                    "nothing says what this download should be",
                    help="write ADD --checksum=sha256:…",
                )
