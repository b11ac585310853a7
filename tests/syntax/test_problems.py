"""What is told of a file that BuildKit would refuse, and that the rest of it is read all the same."""

from __future__ import annotations

import pytest

from dockslim import parse
from dockslim.syntax import User
from dockslim.syntax.suggest import suggest


@pytest.mark.parametrize(
    ("line", "place", "said", "expected"),
    [
        ("FROM", "FROM", "FROM ends too early", "an image"),
        ("FROM a b", "b", "FROM cannot take 'b' here", "`AS`"),
        ("FROM a AS", "FROM a AS", "FROM ends too early", "a name"),
        ("FROM a AS 1b", "1b", "'1b' is no name for a stage", "a letter"),
        ("FROM --platfrom=x a", "--platfrom=x", "did you mean --platform?", "--platform"),
        ("RUNN a", "RUNN", "unknown instruction RUNN; did you mean RUN?", "an instruction"),
        ("Run-a b", "Run-a", "unknown instruction Run-a", "an instruction"),
        ("ENV", "ENV", "ENV ends too early", "a name"),
        ("ENV A", "ENV A", "ENV ends too early", "`=` or text"),
        ("ENV A=1 B", "ENV A=1 B", "ENV ends too early", "`=`"),
        ("ENV A=1 B C=2", "B", "ENV needs more after 'B'", "`=`"),
        ("ARG =a", "=", "ARG cannot take '='", "a name"),
        ("COPY a", "COPY a", "COPY ends too early", "a word or a here-document"),
        ("COPY --chown a /b", "--chown", "--chown needs a value", "--chown="),
        ("COPY --link=maybe a /b", "--link=maybe", "true or false", "true or false"),
        ("COPY --from=a --from=b c /d", "--from=b", "--from is given twice", "it once"),
        ("CMD --x", "--x", "CMD has no flag --x", "no flag"),
        ('CMD ["a", 1]', '"a", 1]', "CMD cannot take", "a string in double quotes or `]`"),
        ("SHELL bash", "bash", "SHELL cannot take 'bash' here", "a JSON array of strings"),
        ("HEALTHCHECK curl x", "curl", "HEALTHCHECK cannot take 'curl' here", "`NONE` or `CMD`"),
        ("HEALTHCHECK CMD", "HEALTHCHECK CMD", "ends too early", "text"),
        ("EXPOSE", "EXPOSE", "EXPOSE ends too early", "a word"),
        ("WORKDIR", "WORKDIR", "WORKDIR ends too early", "text"),
        ("ONBUILD", "ONBUILD", "ONBUILD ends too early", "an instruction"),
        ("ONBUILD FROM a", "FROM", "ONBUILD cannot take FROM", "another instruction"),
        ("RUN <<EOF\nx", "RUN <<EOF", "a here-document of RUN is never closed", "ends the here-document"),
    ],
)
def test_problem(line: str, place: str, said: str, expected: str) -> None:
    file = parse(f"USER before\n{line}\nUSER after\n")
    (problem,) = file.problems
    assert said in problem.message
    assert expected in (problem.expected or "")
    assert file.node_text(problem) == place
    assert [user.user.raw for user in file.find(User)] == ["before", "after"]


@pytest.mark.parametrize(
    "line",
    [
        "RUN",
        "CMD",
        "ENTRYPOINT []",
        "FROM a AS b",
        "from a As B",
        "COPY --parents --exclude=*.c --exclude=*.d --link a /b",
        "ADD --keep-git-dir=true --checksum=sha256:0 --unpack a /b",
        "RUN --mount=type=cache,target=/a --mount=type=ssh --network=none --security=insecure --device=x true",
        "HEALTHCHECK --interval=1s --timeout=1s --start-period=1s --start-interval=1s --retries=3 CMD x",
        "RUN [ -f x ] && y",
        "LABEL a=b c=d",
        "ONBUILD RUN x",
    ],
)
def test_no_problem(line: str) -> None:
    assert parse(line).problems == ()


def test_directives_that_do_not_work() -> None:
    assert "only one escape directive" in parse("# escape=`\n# escape=`\nFROM a\n").problems[0].message
    assert "invalid escape character" in parse("# escape=x\nFROM a\n").problems[0].message


def test_another_frontend_has_flags_of_its_own() -> None:
    assert parse("# syntax=example.com/mine\nRUN --own=x a\n").problems == ()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("FORM", "FROM"),
        ("RN", "RUN"),
        ("COPPY", "COPY"),
        ("ENTRYPIONT", "ENTRYPOINT"),
        ("HEALTCHEK", "HEALTHCHECK"),
        ("FOO", None),
        ("&&", None),
        ("X" * 5000, None),
    ],
)
def test_did_you_mean(word: str, meant: str | None) -> None:
    known = ("FROM", "RUN", "COPY", "ENTRYPOINT", "HEALTHCHECK", "ENV", "USER")
    assert suggest(word, known) == meant


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("FROM {{ base }}\nRUN a\n", "Jinja"),
        ("FROM a\n{% if x %}\nRUN a\n{% endif %}\n", "Jinja"),
        ("FROM a\nRUN pip install x=={{ version }}\n", "Jinja"),
        ("{{ if .x }}\nFROM a\n{{ end }}\n", "Go"),
        ("FROM {{ .Image }}\n", "Go"),
        ("FROM a\n{{#files}}\nCOPY x /y\n{{/files}}\n", "Mustache"),
        ("FROM <%= image %>\n", "ERB"),
        ("FROM a\n<% if x %>\nRUN a\n<% end %>\n", "ERB"),
        ("FROM %%BASE%%\n", "placeholder"),
        ("FROM a\nRUN docker ps --format '{{.Names}}'\n", None),
        ("FROM a\nHEALTHCHECK CMD curl -w '%{http_code}' x\n", None),
        ("FROM a\nRUN sed -i 's/{{ NAME }}/x/' f\n", None),
        ("FROM a\nRUN <<EOF\n{{ x }}\nEOF\n", None),
        ("FROM a\nENV F={{.Name}}\n", None),
        ("FROM a\n# {{ note }}\n", None),
    ],
)
def test_template(text: str, language: str | None) -> None:
    assert parse(text).template == language
