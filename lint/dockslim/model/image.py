"""Base images: which family a FROM line builds on, and what that says about distribution, libc and Python."""

from __future__ import annotations

import enum
import re

from dockslim import knowledge
from dockslim.records import NamedTuple

__all__ = ["BaseImage", "Family", "classify", "split_reference"]


class Family(enum.Enum):
    """What kind of image a stage starts from."""

    PYTHON = "official Python"
    DEBIAN = "Debian"
    UBUNTU = "Ubuntu"
    ALPINE = "Alpine"
    RPM = "RPM distribution"
    ACCELERATOR = "CUDA or machine-learning image"
    CONDA = "conda"
    SCRATCH = "scratch"
    STAGE = "another stage"
    UNKNOWN = "unknown"


class BaseImage(NamedTuple):
    """What is known of a base image.

    ``reference`` is the expanded text (None: it holds an unknown variable).  ``variant`` is ``slim``, ``full``,
    ``alpine``, ``devel``, ``runtime`` or ``""``.  ``release`` is a suite codename (``bookworm``), ``release_in_tag``
    whether the tag itself names it; ``python`` is a version such as ``3.11``; ``libc`` is ``glibc`` or ``musl``.
    """

    reference: str | None
    family: Family
    variant: str = ""
    release: str | None = None
    release_in_tag: bool = False
    python: str | None = None
    libc: str | None = None

    @property
    def knowledge_base(self) -> str:
        """The name under which `dockslim.knowledge` knows what this image holds."""
        if self.family is Family.PYTHON and self.variant in ("slim", "full"):
            return self.variant
        return "debian-slim" if self.family is Family.DEBIAN and self.variant == "slim" else "debian"


DEBIAN_NUMBERS = {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
DEBIAN_NAMES = frozenset(
    {"stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "sid", "stable", "oldstable", "testing"}
)
UBUNTU_NUMBERS = {"18.04": "bionic", "20.04": "focal", "22.04": "jammy", "24.04": "noble", "26.04": "resolute"}
UBUNTU_NAMES = frozenset(UBUNTU_NUMBERS.values())
RPM_NAMES = frozenset(
    {
        "amazonlinux",
        "almalinux",
        "centos",
        "fedora",
        "oraclelinux",
        "photon",
        "rockylinux",
        "ubi",
        "ubi-init",
        "ubi-minimal",
        "ubi8",
        "ubi9",
    }
)
#: The official images again, for one architecture each.
ARCHITECTURES = frozenset({"amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "ppc64le", "riscv64", "s390x"})
CONDA_NAMES = frozenset({"miniconda", "miniconda3", "anaconda", "anaconda3", "micromamba", "mambaforge", "miniforge3"})


def split_reference(reference: str) -> tuple[str, str, str]:
    """Return ``(repository, tag, digest)`` of an image reference; a part that is absent is empty."""
    name, _, digest = reference.partition("@")
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:  # the colon of `host:5000/name`
        return name, "", digest
    return head, tag, digest


def classify(reference: str | None) -> BaseImage:
    """Return what the (expanded) ``reference`` of a FROM line says about its image."""
    if reference is None:
        return BaseImage(None, Family.UNKNOWN)
    repository, tag, _ = split_reference(reference)
    path = repository.lower().split("/")
    name = path[-1]
    if repository == "scratch":
        return BaseImage(reference, Family.SCRATCH)
    if name in CONDA_NAMES:
        return BaseImage(reference, Family.CONDA)
    if is_official(path) and name == "python":
        return python_image(reference, tag)
    if path[-2:] == ["astral-sh", "uv"] and "python" in tag:
        return uv_image(reference, tag[tag.index("python") :])
    parts = set(tag.split("-"))
    if re.search(r"(^|/)(cuda|pytorch|tensorflow|rocm[^/]*)$", repository) and parts & {"devel", "runtime", "base"}:
        return accelerator_image(reference, tag)
    if is_official(path):
        return distribution_image(reference, name, tag)
    if name in RPM_NAMES:
        return BaseImage(reference, Family.RPM, libc="glibc")
    return BaseImage(reference, Family.UNKNOWN)


def is_official(path: list[str]) -> bool:
    """Whether an image path is an official image's, be it through a mirror.

    `python`, `library/python`, `registry.example/python` and `public.registry.example/docker/library/python` are;
    `someone/python` is not: the first part is a host only when it has a dot, a colon or is `localhost`.
    """
    parents = path[:-1]
    if parents and ("." in parents[0] or ":" in parents[0] or parents[0] == "localhost"):
        parents = parents[1:]
    return not parents or parents[-1] == "library" or parents == ["dockerhub"] or parents[0] in ARCHITECTURES


def python_image(reference: str, tag: str) -> BaseImage:
    """Classify a tag of the official Python image."""
    image = knowledge.python_image(tag or "latest")
    if image is None:
        return BaseImage(reference, Family.UNKNOWN)
    if image.variant not in ("slim", "full", "alpine"):
        return BaseImage(reference, Family.UNKNOWN, variant=image.variant, python=image.version)
    return BaseImage(
        reference,
        Family.PYTHON,
        variant=image.variant,
        release=knowledge.normal_release(image.release) if image.release else None,
        release_in_tag=image.release_in_tag,
        python=image.version,
        libc="musl" if image.variant == "alpine" else "glibc",
    )


def uv_image(reference: str, tag: str) -> BaseImage:
    """Classify uv's own images, official Python images with uv in them: `python3.12-bookworm-slim`."""
    version, _, rest = tag.removeprefix("python").partition("-")
    words = rest.split("-")
    official = "-".join([version, *(["slim"] if "slim" in words else []), *(word for word in words if word != "slim")])
    image = python_image(reference, official.rstrip("-"))
    return image if image.release_in_tag else BaseImage(reference, Family.UNKNOWN)


def distribution_image(reference: str, name: str, tag: str) -> BaseImage:
    """Classify an official distribution image by its name and tag."""
    words = re.split(r"[-_]", tag)
    if name == "debian":
        release = next((word for word in words if word in DEBIAN_NAMES), None)
        release = release or DEBIAN_NUMBERS.get(words[0].split(".")[0])
        variant = "slim" if "slim" in words else ""
        return BaseImage(reference, Family.DEBIAN, variant, release, release is not None, None, "glibc")
    if name == "ubuntu":
        release = next((word for word in words if word in UBUNTU_NAMES), None) or UBUNTU_NUMBERS.get(words[0])
        return BaseImage(reference, Family.UBUNTU, "", release, release is not None, None, "glibc")
    if name == "alpine":
        return BaseImage(reference, Family.ALPINE, "", "alpine", False, None, "musl")
    if name in RPM_NAMES:
        return BaseImage(reference, Family.RPM, "", "rpm", False, None, "glibc")
    return BaseImage(reference, Family.UNKNOWN)


def accelerator_image(reference: str, tag: str) -> BaseImage:
    """Classify a CUDA or PyTorch image, whose tags end in `-devel` or `-runtime`."""
    variant = "devel" if "devel" in tag else "runtime"
    number = re.search(r"ubuntu(\d\d\.\d\d)", tag)
    release = UBUNTU_NUMBERS.get(number[1]) if number else None
    return BaseImage(reference, Family.ACCELERATOR, variant, release, release is not None, None, "glibc")
