"""The same Dockerfile on another release of its base image: `DOCKSLIM_IMAGES_ON=3.12-trixie,3.13-trixie`."""

from __future__ import annotations

import re
from typing import NamedTuple

from dockslim.knowledge.images import python_image

TAG = re.compile(r"\bpython:(\d+\.\d+)(-slim)?(-(?:bullseye|bookworm|trixie))?(?=\s|$)", re.MULTILINE)
NAMES = re.compile(r"\b(?:bullseye|bookworm|trixie)\b")
VERSION_ARGUMENT = re.compile(r"^(ARG PYTHON_VERSION=)\d+\.\d+", re.MULTILINE)


class Release(NamedTuple):
    """A version of Python on a release of Debian, written `3.12-trixie`."""

    version: str
    suite: str

    def __str__(self) -> str:
        return f"{self.version}-{self.suite}"

    def tag(self, text: str) -> str:
        """Name the look-alike of each base image in a text: a slim one stays slim, a floating tag stays one."""
        return NAMES.sub(self.suite, TAG.sub(self._tag, text))

    def dockerfile(self, text: str) -> str:
        """A Dockerfile on this release: only its FROM and ARG lines are another's."""
        lines = VERSION_ARGUMENT.sub(rf"\g<1>{self.version}", text).splitlines(keepends=True)
        return "".join(self.tag(line) if re.match("FROM|ARG", line) else line for line in lines)

    def _tag(self, match: re.Match[str]) -> str:
        slim, suite = match[2] or "", match[3]
        floating = f"{self.version}{slim}"
        image = python_image(floating)
        # A tag without a suite stands for one suite only; where that is not the one wanted, the suite is said.
        if suite is None and image is not None and image.release == self.suite:
            return f"python:{floating}"
        return f"python:{floating}-{self.suite}"


def read(text: str) -> list[Release]:
    """What the environment variable asks for, in its order.

    Raises ValueError for a word that is no release.
    """
    found = []
    for word in text.replace(",", " ").split():
        version, _, suite = word.partition("-")
        if not re.fullmatch(r"\d+\.\d+", version) or not NAMES.fullmatch(suite):
            raise ValueError(f"{word} is no release: 3.12-trixie would be one")
        found.append(Release(version, suite))
    return found
