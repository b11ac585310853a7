"""What dockslim says about itself and about files it cannot read as Dockerfiles: the 9xx series."""

from __future__ import annotations

from dockslim.engine.finding import Severity
from dockslim.engine.rule import Example, Rule

__all__ = ["OWN_RULES", "NotUtf8", "RuleCrashed", "SyntaxProblem", "Template", "UnusedSuppression"]


class SyntaxProblem(Rule):
    """The file does not read as a Dockerfile here.

    BuildKit would refuse to build it, or would build something else than what is meant.  The rest of the file is still
    read and checked, but nothing in it is rewritten.
    """

    code = "SLIM900"
    name = "syntax-error"
    severity = Severity.ERROR
    examples = (
        Example(bad="FROM debian:12\n«RUNN» true\n"),
        Example(allow="from debian:12\nrun true\n", note="Keywords may be written in any case."),
    )


class RuleCrashed(Rule):
    """A rule failed while it looked at the file.

    That is a mistake in the rule, not in the Dockerfile; the other rules went on.  `--verbose` prints the traceback,
    which belongs into a report to the rule's author.
    """

    code = "SLIM901"
    name = "rule-crashed"
    severity = Severity.ERROR
    examples = (Example(allow="FROM debian:12\nRUN true\n"),)


class Template(Rule):
    """The file is a template, not a Dockerfile.

    A Dockerfile is made from it by another program (Jinja, ERB, envsubst), so it is neither judged nor rewritten.
    Check the rendered file, or spare this one in the call.
    """

    code = "SLIM902"
    name = "template"
    severity = Severity.INFO
    examples = (
        Example(bad="«FROM {{ base_image }}»\n{% if debug %}\nRUN true\n{% endif %}\n"),
        Example(allow='FROM debian:12\nRUN docker inspect --format "{{ .Id }}" x\n', note="Go templates in a RUN."),
    )


class UnusedSuppression(Rule):
    """A suppression comment suppresses nothing.

    What it was written for is gone, or it names no rule.  Take it out, so that it cannot hide something new.
    """

    code = "SLIM903"
    name = "unused-suppression"
    examples = (
        Example(bad="FROM debian:12\n«# dockslim: ignore=SLIM900 was needed once»\nRUN true\n"),
        Example(
            allow="FROM debian:12\n# dockslim: ignore=SLIM900 our own frontend knows it\nMODEL llama\n",
            note="It suppresses something.",
        ),
    )


class NotUtf8(Rule):
    """The file holds bytes that are not UTF-8.

    Docker reads Dockerfiles as UTF-8.  In a comment such bytes do no harm; in an instruction they can fail the build.
    dockslim reads the rest and leaves these bytes as they are.
    """

    code = "SLIM904"
    name = "not-utf-8"
    examples = (Example(allow="FROM debian:12\n# ünïcödé is fine\nRUN true\n"),)


OWN_RULES: tuple[type[Rule], ...] = (SyntaxProblem, RuleCrashed, Template, UnusedSuppression, NotUtf8)
