"""SLIM502."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockslim.api import Arg, Env, Example, Finding, Instruction, Rule, Run, Span, Stage, Word

__all__ = ["SecretsInTheFile"]

#: Names of what is to be kept.
KEPT_NAMES = (
    r"(?i)(^|_)(api_?key|secret|secret_?key|private_?key|access_?key|password|passwd|pword|token|credentials?)(_?\d+)?$"
)
#: What only looks like one.
HARMLESS_NAMES = r"(?i)public|max_|_max|num_|default_|(^|_)(pad|bos|eos|unk|use|no|enable|disable|allow|has)_|csrf"
#: Values that keep no secret.
HARMLESS = (
    r"(?i)^$|^(true|false|yes|no|on|off|none|null|\d{1,6}|x+|\*+|\.+)$|bogus|mock|sample|dummy|change.?me|placeholder|"
    r"example|insecure|fake|not.?a|build|temporary|your|default|test|todo|replace|notused|unused|irrelevant|"
    r"collectstatic|foo|bar|<|^/|^\$\{?\w*[:}-]*$|\.(sh|py|pl|rsp|expect|txt|json|ya?ml|conf|cfg|ini|properties)$"
)
CREDENTIALS = r"(?<![\w+.-])[a-z][a-z0-9+.-]*://([^\s/:@\"'$\\{}<>()]+):([^\s/@\"'\\<>()]+)@"


class SecretsInTheFile(Rule):
    """A secret is written into the image, or into its history.

    `ENV` is for everybody to read with `docker inspect`; the value of an `ARG` that a RUN used stands in `docker
    history`; and so does a password in a URL. Unsetting it later does not take it out.

    Give it when the container starts, or, where the build needs it, `RUN --mount=type=secret,id=NAME,env=NAME`.

    Flagged are a literal value of a variable that is named like a secret, an ARG named so in the stage that ships, and
    a user with a password in a URL. What is clearly a stand-in (`changeme`, `dummy`) is not. It has no fix.
    """

    code = "SLIM502"
    name = "secret-in-the-file"
    aliases = ("SecretsUsedInArgOrEnv",)
    examples = (
        Example(bad="FROM debian:12\nENV «DB_PASSWORD»=hunter2\n"),
        Example(bad="FROM debian:12\nARG «NPM_TOKEN»\nRUN echo $NPM_TOKEN > /root/.npmrc\n"),
        Example(bad="FROM debian:12\nRUN pip install --index-url «https://me:s3cr3t@pypi.example.org/simple» flask\n"),
        Example(allow="FROM debian:12\nENV DB_PASSWORD=\n"),
        Example(allow="FROM debian:12\nENV SECRET_KEY=dummy-for-collectstatic\n", note="A stand-in."),
        Example(allow="FROM debian:12\nENV TMDB_API_KEY=bogus\n"),
        Example(allow="FROM debian:12\nENV RESET_PASSWORD=reset.sh\n", note="The name of a file."),
        Example(allow="FROM debian:12\nENV DB_PASSWORD_FILE=/run/secrets/db MAX_TOKEN=512\n"),
        Example(allow="FROM debian:12\nRUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN npm ci\n"),
        Example(
            allow="FROM node:22 AS builder\nARG NPM_TOKEN\nRUN npm ci\nFROM debian:12\nCOPY --from=builder /out /out\n",
            note="The history of a builder stage does not ship.",
        ),
        Example(allow="FROM debian:12\nRUN curl http://${USER}:${PASS}@localhost/\n", note="Only variables."),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at names and values of ENV and ARG, and at URLs in RUN."""
        used = " ".join(run.text for run in stage.runs) if any(isinstance(i, Arg) for i in stage.instructions) else ""
        for instruction in stage.instructions:
            if isinstance(instruction, (Env, Arg)):
                for pair in instruction.pairs:
                    if named_so(pair.name.raw) and (
                        kept(pair.value) if isinstance(instruction, Env) else handed_in(pair.name.raw, pair.value, used)
                    ):
                        yield self.finding(
                            pair.name,
                            f"{pair.name.raw} is for everybody to read in the image"
                            if isinstance(instruction, Env)
                            else f"the value of {pair.name.raw} stands in the image's history",
                            help="give it at run time, or to the build with --mount=type=secret",
                        )
            if isinstance(instruction, (Env, Arg, Run)) and "@" in instruction.text and "://" in instruction.text:
                yield from self.about_urls(stage, instruction)

    def about_urls(self, stage: Stage, instruction: Instruction) -> Iterator[Finding]:
        """Flag a user and password in a URL."""
        text = stage.facts.file.text
        for found in re.finditer(CREDENTIALS, text[instruction.span.start : instruction.span.end]):
            if "$" in found[2] or re.search(HARMLESS, found[2]) or found[1] == found[2] or found[2] in STAND_INS:
                continue
            start = instruction.span.start + found.start()
            end = start + len(re.match(r"[^\s\"'\\]*", text[start:])[0])  # type: ignore[index]
            yield self.finding(
                Span(start, end),
                "user and password stand in the image's history",
                help="give them at run time"
                if isinstance(instruction, Env)
                else "give them to the build with --mount=type=secret",
            )


#: Passwords that nobody keeps.
STAND_INS = frozenset({"password", "pass", "postgres", "secret", "guest", "root", "admin"})


def named_so(name: str) -> bool:
    """Whether a variable is named like a secret."""
    return re.search(KEPT_NAMES, name) is not None and re.search(HARMLESS_NAMES, name) is None


def kept(value: Word | None) -> bool:
    """Whether an ENV holds something that is to be kept."""
    literal = value.literal if value is not None else None
    return literal is not None and re.search(HARMLESS, literal) is None


def handed_in(name: str, value: Word | None, used: str) -> bool:
    """Whether an ARG has a secret default, or none and is used by a RUN."""
    if value is not None:
        return kept(value)
    return re.search(rf"\${{?{re.escape(name)}\b", used) is not None
