"""What each instruction's typed parts hold."""

from __future__ import annotations

from typing import Any, TypeVar

import pytest

from dockslim import parse
from dockslim.syntax import (
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    ImageReference,
    Instruction,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    StopSignal,
    Unknown,
    User,
    Volume,
    Workdir,
)

Kind = TypeVar("Kind", bound=Instruction)


def only(text: str, kind: type[Kind]) -> Kind:
    """Return the one instruction of a file, after a look whether every word stands where it says."""
    file = parse(text)
    (instruction,) = file.instructions
    assert isinstance(instruction, kind)
    return instruction


def raws(words: Any) -> list[str]:
    return [word.raw for word in words]


@pytest.mark.parametrize(
    ("line", "image", "name", "platform"),
    [
        ("FROM a", "a", None, None),
        ("from a as b", "a", "b", None),
        ("FROM --platform=$BUILDPLATFORM a:1 AS B.c-d_1", "a:1", "B.c-d_1", "$BUILDPLATFORM"),
        ("FROM \\\n  a \\\n# why\n\n  AS b", "a", "b", None),
        ("FROM pyt\\\nhon:3", "python:3", None, None),
        ("FROM ${REGISTRY:-docker.io}/python:${V}-slim AS x", "${REGISTRY:-docker.io}/python:${V}-slim", "x", None),
        ("  FROM\ta\t", "a", None, None),
        ("FROM a b", "a", None, None),
    ],
)
def test_from(line: str, image: str, name: str | None, platform: str | None) -> None:
    found = only(line, From)
    assert found.image.raw == image
    assert (found.stage_name.raw if found.stage_name else None) == name
    assert (found.platform.raw if found.platform else None) == platform


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("python", (None, "python", None, None)),
        ("python:3.12-slim", (None, "python", "3.12-slim", None)),
        ("library/python", (None, "library/python", None, None)),
        ("ghcr.io/a/b:1", ("ghcr.io", "a/b", "1", None)),
        ("localhost:5000/a", ("localhost:5000", "a", None, None)),
        ("localhost/a", ("localhost", "a", None, None)),
        ("a@sha256:0f", (None, "a", None, "sha256:0f")),
        ("r.io:1/a/b/c:2@sha256:0f", ("r.io:1", "a/b/c", "2", "sha256:0f")),
        ("python:$V", (None, None, None, None)),
    ],
)
def test_image_reference(text: str, parts: tuple[str | None, ...]) -> None:
    image = ImageReference.parse(text)
    assert (image.registry, image.repository, image.tag, image.digest) == parts


def test_every_part_of_an_image_has_its_place() -> None:
    file = parse("FROM ghcr.io:1/a/b:2@sha256:0f AS x\n")
    image = file.find(From)[0].image
    spans = (image.registry_span, image.repository_span, image.tag_span, image.digest_span)
    assert [file.text[span.start : span.end] for span in spans if span] == ["ghcr.io:1", "a/b", "2", "sha256:0f"]


@pytest.mark.parametrize(
    ("line", "kind", "pairs", "legacy"),
    [
        ("ENV A=1", Env, [("A", "1")], False),
        (
            "ENV A=1 B='x y' C=\"$A z\" D=a\\ b",
            Env,
            [("A", "1"), ("B", "'x y'"), ("C", '"$A z"'), ("D", "a\\ b")],
            False,
        ),
        ("ENV A 1 2  3 ", Env, [("A", "1 2  3")], True),
        ("ENV A b=c", Env, [("A", "b=c")], True),
        ("ENV A=", Env, [("A", "")], False),
        ("ENV A= B=", Env, [("A", ""), ("B", "")], False),
        ("ENV A=b=c", Env, [("A", "b=c")], False),
        ("ENV A=1 \\\n  # note\n\n  B=2", Env, [("A", "1"), ("B", "2")], False),
        ("ENV A=\\\n1 B\\\nC=2", Env, [("A", "1"), ("BC", "2")], False),
        ("LABEL a.b=\"c\" 'd e'=f", Label, [("a.b", '"c"'), ("'d e'", "f")], False),
        ("LABEL maintainer Jo <jo@example.com>", Label, [("maintainer", "Jo <jo@example.com>")], True),
        ("ARG A", Arg, [("A", None)], False),
        ("ARG A=1 B C=", Arg, [("A", "1"), ("B", None), ("C", "")], False),
    ],
)
def test_pairs(line: str, kind: type[Any], pairs: list[tuple[str, str | None]], legacy: bool) -> None:
    found = only(line, kind)
    assert [(pair.name.raw, pair.value.raw if pair.value else None) for pair in found.pairs] == pairs
    assert found.legacy is legacy


@pytest.mark.parametrize(
    ("line", "kind", "form", "arguments"),
    [
        ("RUN a b", Run, "shell", []),
        ('RUN ["a", "b c"]', Run, "exec", ["a", "b c"]),
        ('CMD ["a\\n\\u0041\\"", \\\n "b"]', Cmd, "exec", ['a\nA"', "b"]),
        ("CMD []", Cmd, "exec", []),
        ("CMD", Cmd, "shell", []),
        ("ENTRYPOINT ['a']", Entrypoint, "shell", []),
        ('ENTRYPOINT ["a",]', Entrypoint, "shell", []),
        ('ENTRYPOINT ["a"] # note', Entrypoint, "shell", []),
        ('HEALTHCHECK --interval=1m CMD ["a"]', Healthcheck, "exec", ["a"]),
        ("HEALTHCHECK cmd a || exit 1", Healthcheck, "shell", []),
        ("HEALTHCHECK none", Healthcheck, "shell", []),
    ],
)
def test_forms(line: str, kind: type[Any], form: str, arguments: list[str]) -> None:
    found = only(line, kind)
    assert (found.form, raws(found.arguments)) == (form, arguments)


def test_healthcheck_none() -> None:
    assert only("HEALTHCHECK NONE", Healthcheck).none
    assert not only("HEALTHCHECK CMD none", Healthcheck).none


@pytest.mark.parametrize(
    ("line", "sources", "destination", "from_"),
    [
        ("COPY a /b", ["a"], "/b", None),
        ("COPY --from=x --chown=1:2 a b /c/", ["a", "b"], "/c/", "x"),
        ('COPY ["a b", "/c d"]', ["a b"], "/c d", None),
        ('COPY "a b" /c', ['"a', 'b"'], "/c", None),
        ("COPY <<a b /c\nx\na", ["b"], "/c", None),
        ("COPY --link -- --a /b", ["--a"], "/b", None),
        ("COPY a\\\nb \\\n /c", ["ab"], "/c", None),
    ],
)
def test_copy(line: str, sources: list[str], destination: str, from_: str | None) -> None:
    found = only(line, Copy)
    assert (raws(found.sources), found.destination.raw) == (sources, destination)
    assert (found.from_.raw if found.from_ else None) == from_


def test_the_others() -> None:
    assert raws(only("ADD --checksum=sha256:0 http://a /b", Add).sources) == ["http://a"]
    assert only("USER a:b ", User).user.raw == "a:b"
    assert only("WORKDIR /a b", Workdir).path.raw == "/a b"
    assert raws(only("EXPOSE 80 90/tcp", Expose).ports) == ["80", "90/tcp"]
    assert raws(only('VOLUME ["/a", "/b"]', Volume).paths) == ["/a", "/b"]
    assert raws(only("VOLUME /a /b", Volume).paths) == ["/a", "/b"]
    assert raws(only('SHELL ["bash", "-c"]', Shell).arguments) == ["bash", "-c"]
    assert only("STOPSIGNAL SIGINT", StopSignal).signal.raw == "SIGINT"
    assert only("MAINTAINER Jo Doe", Maintainer).author.raw == "Jo Doe"
    assert only("FOO bar", Unknown).name == "FOO"


def test_onbuild() -> None:
    found = only("ONBUILD RUN --network=none echo $HOME\n", Onbuild)
    assert isinstance(found.inner, Run)
    assert found.inner.text == "RUN --network=none echo $HOME"
    assert found.inner.flags[0].name == "network"
    assert found.inner.full_span == found.full_span


def test_onbuild_heredoc() -> None:
    (inner,) = [each.inner for each in parse("ONBUILD RUN <<EOF\na\nEOF\n").find(Onbuild)]
    assert isinstance(inner, Run)
    assert [heredoc.body for heredoc in inner.heredocs] == ["a\n"]


def test_flags() -> None:
    run = only('RUN --network=none --mount=type=secret,id=a --security="insecure" x', Run)
    assert [(flag.name, flag.value.raw if flag.value else None) for flag in run.flags] == [
        ("network", "none"),
        ("mount", "type=secret,id=a"),
        ("security", '"insecure"'),
    ]
    assert run.body == "x"


def test_mounts() -> None:
    text = "RUN --mount=type=cache,target=/x,ro --mount=from=b,src=/w,dst=/w,\\\nRW=true x"
    cache, bind = only(text, Run).mounts
    assert (cache.type, cache.target, cache.options["ro"], cache.from_) == ("cache", "/x", "true", None)
    assert (bind.type, bind.source, bind.target, bind.options["rw"]) == ("bind", "/w", "/w", "true")
    assert bind.from_ is not None
    assert text[bind.from_.span.start : bind.from_.span.end] == "b"


def test_a_mount_in_quotes() -> None:
    (mount,) = only('RUN --mount="type=cache,target=/a b" x', Run).mounts
    assert (mount.type, mount.target) == ("cache", "/a b")
