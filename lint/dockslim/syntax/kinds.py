"""The terminals of `grammar.lark`, numbered: a token's kind is one of these small integers."""

from __future__ import annotations

__all__ = ["GAPS", "NAMES", "PLAIN_NAMES", "TRIVIA"]

# fmt: off
NAMES = (
    "BOM", "BLANK", "TRAIL", "NEWLINE", "EMPTY", "COMMENT", "CONTINUATION", "SPLICE", "MORE", "INNER_COMMENT",
    "INNER_EMPTY", "HASH", "DIRECTIVE", "DIRECTIVE_VALUE", "EQUALS", "COMMA", "ERROR", "ERROR_END", "FLAG", "KEY",
    "DASHES", "WORD", "NAME", "TEXT", "AS", "REGISTRY", "SLASH", "REPOSITORY", "COLON", "TAG", "AT", "DIGEST",
    "LSQB", "STRING", "RSQB", "HEALTH_NONE", "HEALTH_CMD", "HEREDOC", "HEREDOC_BODY", "HEREDOC_END", "FROM", "ARG",
    "ENV", "LABEL", "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL", "COPY", "ADD", "USER", "WORKDIR", "EXPOSE",
    "VOLUME", "STOPSIGNAL", "MAINTAINER", "ONBUILD", "UNKNOWN",
)

(
    BOM, BLANK, TRAIL, NEWLINE, EMPTY, COMMENT, CONTINUATION, SPLICE, MORE, INNER_COMMENT, INNER_EMPTY, HASH,
    DIRECTIVE, DIRECTIVE_VALUE, EQUALS, COMMA, ERROR, ERROR_END, FLAG, KEY, DASHES, WORD, NAME, TEXT, AS, REGISTRY,
    SLASH, REPOSITORY, COLON, TAG, AT, DIGEST, LSQB, STRING, RSQB, HEALTH_NONE, HEALTH_CMD, HEREDOC, HEREDOC_BODY,
    HEREDOC_END, FROM, ARG, ENV, LABEL, RUN, CMD, ENTRYPOINT, HEALTHCHECK, SHELL, COPY, ADD, USER, WORKDIR, EXPOSE,
    VOLUME, STOPSIGNAL, MAINTAINER, ONBUILD, UNKNOWN,
) = range(len(NAMES))
# fmt: on

#: The kinds of keywords, by the keyword in upper case.
KEYWORDS = {name: kind for kind, name in enumerate(NAMES) if FROM <= kind < UNKNOWN}

#: What stands between the pieces of a logical line: it is not part of the line as BuildKit joins it.
GAPS = frozenset({CONTINUATION, SPLICE, INNER_COMMENT, INNER_EMPTY})

#: What carries no meaning of its own.
TRIVIA = GAPS | {BOM, BLANK, TRAIL, EMPTY, COMMENT, MORE}

#: How a message names what it expected.
PLAIN_NAMES = {
    NEWLINE: "the end of the line",
    DIRECTIVE: "a directive",
    DIRECTIVE_VALUE: "a value",
    EQUALS: "`=`",
    COMMA: "`,`",
    FLAG: "a flag",
    KEY: "an option",
    WORD: "a word",
    NAME: "a name",
    TEXT: "text",
    AS: "`AS`",
    REPOSITORY: "an image",
    LSQB: "a JSON array of strings",
    STRING: "a string in double quotes",
    RSQB: "`]`",
    HEALTH_NONE: "`NONE`",
    HEALTH_CMD: "`CMD`",
    HEREDOC: "a here-document",
    HEREDOC_END: "the line that ends the here-document",
    UNKNOWN: "an instruction",
}
