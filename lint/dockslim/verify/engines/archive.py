"""Reading an image as it streams out of ``docker save``: the layers' sizes and what each one brought.

Nothing is unpacked to disk and no layer is held in memory; of a whole image only package databases are kept.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from dataclasses import dataclass, field

from dockslim.later import TYPE_CHECKING
from dockslim.verify.faults import Fault

if TYPE_CHECKING:
    from typing import IO, Any

__all__ = ["LayerContent", "read_archive"]

_DPKG = re.compile(r"(^|/)var/lib/dpkg/status$")
_DPKG_PART = re.compile(r"(^|/)var/lib/dpkg/status\.d/[^/]+$")
_APK = re.compile(r"(^|/)lib/apk/db/installed$")
_DISTRIBUTION = re.compile(r"/(?P<name>[^/]+?)-(?P<version>[^-/]+)\.(?:dist|egg)-info/(?:METADATA|PKG-INFO)$")
_LARGEST_DATABASE = 64 * 1024 * 1024


@dataclass(slots=True)
class LayerContent:
    """One layer: content bytes (files only, as docker counts), packages in its database, distributions it wrote."""

    diff_id: str
    size: int = 0
    packages: frozenset[str] | None = None
    distributions: set[str] = field(default_factory=set)


def read_archive(stream: IO[bytes]) -> list[LayerContent]:
    """Return the layers of one image, oldest first."""
    found: dict[str, LayerContent] = {}
    links: dict[str, str] = {}
    texts: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=stream, mode="r|") as outer:
            for member in outer:
                if member.issym() or member.islnk():
                    links[member.name] = member.linkname
                    continue
                body = outer.extractfile(member) if member.isfile() else None
                if body is None:
                    continue
                if member.name.endswith(".json") or member.size < 256 * 1024:
                    data = body.read()
                    texts[member.name] = data
                    content = _read_layer(io.BytesIO(data))
                else:
                    content = _read_layer(body)
                if content is not None:
                    found[member.name] = content
    except tarfile.TarError as error:
        raise Fault("engine-failed", f"the image's archive cannot be read: {error}") from error
    return _in_order(found, links, texts)


def _in_order(found: dict[str, LayerContent], links: dict[str, str], texts: dict[str, bytes]) -> list[LayerContent]:
    try:
        (manifest,) = json.loads(texts["manifest.json"])
        config: dict[str, Any] = json.loads(texts[manifest["Config"]])
        names: list[str] = manifest["Layers"]
    except (KeyError, ValueError) as error:
        raise Fault("engine-failed", f"the image's archive has no manifest that can be read: {error!r}") from error
    layers = []
    for name, diff_id in zip(names, config["rootfs"]["diff_ids"], strict=True):
        # Equal layers are stored once; the others are links, relative to their own folder or to the archive.
        target = links.get(name, name)
        content = found.get(name) or found.get(target) or found.get(target.removeprefix("../")) or LayerContent("")
        layers.append(LayerContent(diff_id, content.size, content.packages, content.distributions))
    return layers


def _read_layer(stream: IO[bytes]) -> LayerContent | None:
    reader = io.BufferedReader(_Raw(stream), 1 << 16)
    if reader.peek(2)[:2] == b"\x1f\x8b":
        reader = io.BufferedReader(gzip.GzipFile(fileobj=reader), 1 << 16)  # type: ignore[arg-type]
    content = LayerContent("")
    names: set[str] = set()
    try:
        with tarfile.open(fileobj=reader, mode="r|") as layer:
            for member in layer:
                content.size += member.size if member.isfile() else 0
                _note(layer, member, content, names)
    except (tarfile.TarError, OSError, EOFError):
        return None
    if names:
        content.packages = frozenset(names)
    return content


def _note(layer: tarfile.TarFile, member: tarfile.TarInfo, content: LayerContent, names: set[str]) -> None:
    distribution = _DISTRIBUTION.search(member.name)
    if distribution is not None:
        content.distributions.add(re.sub(r"[-_.]+", "-", distribution["name"]).lower())
        return
    pattern = next((p for p in (_DPKG, _DPKG_PART, _APK) if p.search(member.name)), None)
    if pattern is None or not member.isfile() or member.size > _LARGEST_DATABASE:
        return
    body = layer.extractfile(member)
    if body is None:
        return
    field_name = b"P:" if pattern is _APK else b"Package:"
    for line in body.read().splitlines():
        if line.startswith(field_name):
            names.add(line[len(field_name) :].strip().decode("utf-8", "replace"))


class _Raw(io.RawIOBase):
    """A raw stream over anything with ``read``: tarfile's members are not buffered readers, and pipes have no peek."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
