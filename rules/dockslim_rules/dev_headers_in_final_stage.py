"""SLIM102."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import CulpritKind, Example, Finding, Rule, Safety, Stage, culprits, leftovers, rewrite
from dockslim_rules import to_build_in

__all__ = ["DevHeadersInFinalStage"]

#: What .NET programs load by the bare name (`libdl.so`) that only the headers' package links.
LOADED_BARE = frozenset({"libc-dev", "libc6-dev", "libgdiplus-dev"})


class DevHeadersInFinalStage(Rule):
    """Development headers are left in the image that ships.

    A -dev package holds headers and static libraries for a compiler. What a program needs when it runs is the shared
    library behind it, a package of another name (`libpq5` for `libpq-dev`), often a hundredth of the size. Taking the
    -dev package out without putting the library in breaks the image at its first import.

    The fix builds in a stage of its own and installs in the final stage the libraries that the -dev packages stood
    for, under their names in the image's own release. Where those are not known the fix is unsafe.

    An image to build in is not flagged, as SLIM101 says.
    """

    code = "SLIM102"
    name = "dev-headers-in-final-stage"
    safety = Safety.SAFE
    rewrites = True
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends «libpq-dev»\n"
                "RUN pip install psycopg2==2.9.9\n"
            ),
            good=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends libpq-dev\n"
                "RUN pip wheel --wheel-dir=/wheels psycopg2==2.9.9\n"
                "\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends libpq5\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels \\\n"
                "    pip install --no-index --find-links=/wheels psycopg2==2.9.9\n"
            ),
        ),
        Example(
            note="The runtime library itself.",
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends libpq5\n"
                "RUN pip install psycopg2-binary\n"
            ),
        ),
        Example(
            note="A name that only looks like one.",
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y --no-install-recommends libdevmapper1.02.1\n"
                "RUN pip install requests\n"
            ),
        ),
        Example(
            note="An image to build in: it starts nothing, and nothing in its making used them.",
            allow="FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y git libssl-dev\nWORKDIR /work\n",
        ),
        Example(
            note="Source to image: who uses it builds in it.",
            allow=(
                "FROM quay.io/sclorg/s2i-base-c9s\nRUN dnf install -y libffi-devel && dnf clean all\n"
                "CMD /usr/libexec/s2i/usage\n"
            ),
        ),
        Example(
            note="It starts what the image of PHP starts, and its making used the headers.",
            bad=(
                "FROM php:8.3-apache\nRUN apt-get update && apt-get install -y «libpng-dev»\n"
                "RUN docker-php-ext-install gd\n"
            ),
        ),
        Example(
            note="A program on .NET loads `libdl.so`, which is in no other package.",
            allow=(
                "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nRUN apt-get update && apt-get install -y libc-dev\n"
                'CMD ["/app"]\n'
            ),
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Name each -dev package left."""
        if to_build_in(stage):
            return
        bare = LOADED_BARE if "dotnet/" in stage.lineage[0].from_.image.word.raw else ()
        for culprit in culprits(stage):
            if culprit.kind is CulpritKind.DEV_HEADER and culprit.name not in bare:
                message, megabytes = leftovers(stage, culprit)
                yield self.finding(culprit, message, cost_mb=megabytes, fix=rewrite(stage))
