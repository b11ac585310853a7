"""SLIM101."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import (
    Culprit,
    CulpritKind,
    Example,
    Finding,
    Manager,
    PackageInstall,
    Rule,
    Safety,
    Stage,
    culprits,
    leftovers,
    rewrite,
    role,
)
from dockslim_rules import to_build_in

__all__ = ["BuildToolsInFinalStage"]


class BuildToolsInFinalStage(Rule):
    """Build tools are left in the image that ships.

    Compilers, make and their like are needed while wheels are built from source; the finished image never calls them.
    There they cost hundreds of megabytes, bring most of the image's known vulnerabilities, and give an intruder a
    workbench. Removing them in a later RUN frees nothing: the bytes stay in the layer that brought them.

    The fix builds the wheels in a stage of their own and installs them in a clean one, with the runtime libraries that
    the development packages stood for. It is safe where every obligation it lists is proven; where one is open it is
    unsafe and says which; where one is contradicted (a CMD that compiles, say) dockslim declines and says why.

    An image that starts nothing (no CMD, no ENTRYPOINT), and in whose making nothing can have used the tools, is there
    to build in: a toolchain, a base for other images, a machine of a CI. So is one that starts nothing and is made from
    a builder (`buildpack-deps`, `dotnet/sdk`, …), and one that starts a compiler. Their tools are what they are for;
    they are not flagged, unless the image starts from one of Python.
    """

    code = "SLIM101"
    name = "build-tools-in-final-stage"
    safety = Safety.SAFE
    rewrites = True
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y «gcc»\n"
                "RUN pip install cffi==1.17.1\n"
            ),
            good=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc\n"
                "RUN pip wheel --wheel-dir=/wheels cffi==1.17.1\n"
                "\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels \\\n"
                "    pip install --no-index --find-links=/wheels cffi==1.17.1\n"
            ),
        ),
        Example(
            note="Removed again in the same RUN: no layer holds them.",
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y gcc && pip install cffi && apt-get purge -y gcc\n"
            ),
        ),
        Example(
            note="A builder stage may hold what it likes.",
            allow=(
                "FROM python:3.12-slim-bookworm AS builder\n"
                "RUN apt-get update && apt-get install -y gcc\n"
                "RUN pip wheel --wheel-dir=/wheels cffi\n"
                "FROM python:3.12-slim-bookworm\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels pip install /wheels/*.whl\n"
            ),
        ),
        Example(
            note="make is called when the container starts.",
            bad=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y «gcc»\n"
                "RUN pip install cffi==1.17.1\n"
                'CMD ["gcc", "--version"]\n'
            ),
            refused="compiles",
        ),
        Example(
            note="An image to build in: it starts nothing, and nothing in its making used them.",
            allow="FROM debian:12\nRUN apt-get update && apt-get install -y gcc make\nCOPY build.sh /src/\n",
        ),
        Example(
            note="The like, made from an image to build in.",
            allow=(
                "FROM buildpack-deps:bookworm\nRUN apt-get update && apt-get install -y cmake\n"
                "RUN git clone https://example.org/lib && make -C lib install\n"
            ),
        ),
        Example(
            note="What compiles is done before the tools come in: they are there for who starts from this image.",
            allow=(
                "FROM ci.example/agent:3\nRUN npm install -g n\n"
                "RUN apt-get update && apt-get install -y maven && apt-get clean\n"
            ),
        ),
        Example(
            note="It starts a compiler.",
            allow='FROM fedora:41\nRUN dnf install -y golang && dnf clean all\nENTRYPOINT ["go"]\nCMD ["version"]\n',
        ),
        Example(
            note="A toolchain that was unpacked is asked for its version, and compiles nothing.",
            allow=(
                "FROM debian:12\nRUN apt-get update && apt-get install -y gcc libc6-dev\n"
                "RUN curl -L https://example.org/swift.tar.gz | tar xz -C / && swift --version\n"
            ),
        ),
        Example(
            note="The like, but its making used them.",
            bad=(
                "FROM debian:12\nRUN apt-get update && apt-get install -y «gcc» «make» libcurl4\n"
                "COPY . /src\nRUN make -C /src install\n"
            ),
        ),
        Example(
            note="A JDK holds the JRE that running takes, so the message says that.",
            bad=(
                "FROM debian:12\nRUN apt-get update && apt-get install -y «openjdk-17-jdk-headless»\n"
                'CMD ["java", "-jar", "/app.jar"]\n'
            ),
        ),
        Example(
            note="There gettext brings envsubst, which entry points call.",
            allow='FROM alpine:3.20\nRUN apk add --no-cache gettext\nCMD ["/start.sh"]\n',
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Name each build tool left; the first finding carries what all leftovers weigh."""
        if to_build_in(stage):
            return
        for culprit in culprits(stage):
            if culprit.kind is not CulpritKind.BUILD_TOOL or envsubst(culprit):
                continue
            message, megabytes = leftovers(stage, culprit)
            if role(culprit.name, stage.base.release).reason.startswith("a Java compiler"):
                message = message.replace("only a build needs it, yet it", "running Java takes a JRE, yet all of it")
            yield self.finding(culprit, message, cost_mb=megabytes, fix=rewrite(stage))


def envsubst(culprit: Culprit) -> bool:
    """Whether gettext may have been installed for envsubst: Debian alone has a package of its own for that."""
    action = culprit.left.action if culprit.left is not None else None
    return culprit.name == "gettext" and isinstance(action, PackageInstall) and action.manager is not Manager.APT
