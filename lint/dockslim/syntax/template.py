"""Is it a template that makes a Dockerfile, rather than a Dockerfile?"""

from __future__ import annotations

import re

from dockslim.later import TYPE_CHECKING, later

from .instructions import CommandInstruction, From, Unknown

if TYPE_CHECKING:
    from .file import File
    from .instruction import Instruction

__all__ = ["template_of"]

MARKS = re.compile(r"\{\{|\{%|\{#|<%|%%\w+%%|@\w+@")
#: A tag that stands where no shell, format string or sed script could have put it.
STATEMENT = later(
    r"\{%[-+~]?\s*(?:if|elif|else|endif|for|endfor|set|block|endblock|include|extends|macro|raw|import|from|with)\b"
)
#: `{{ name }}`, perhaps with filters, where braces and name have blanks between them.
EXPRESSION = later(r"\{\{-?\s+[A-Za-z_][\w.\[\]'\"]*(?:\s*\|[^}]*)?\s+-?\}\}")
ANY_TAG = later(r"\{\{(?!\.).*?\}\}|\{\{[^}]*\Z|<%.*?%>|\{%.*?%\}", re.DOTALL)
#: Programs whose arguments hold double braces of their own.
USES_BRACES = later(r"\b(?:sed|perl|awk|docker|podman|go|gh|printf|echo|cat|envsubst|consul-template)\b|--format")
PLACEHOLDER = later(r"%%\w+%%|@\w+@|__\w+__\Z")


def template_of(file: File) -> str | None:
    """Return the language of the template, None where the file is a Dockerfile."""
    if not MARKS.search(file.text):
        return None
    for instruction in file.instructions:
        tag = tag_in(instruction)
        if tag is not None:
            return language(tag, file.text)
    return None


def tag_in(instruction: Instruction) -> str | None:
    """Return a template's tag in an instruction, None where all of it can be a Dockerfile's own."""
    text = instruction.text
    if isinstance(instruction, Unknown):
        return (
            text if text.startswith(("{{", "{%", "{#", "<%", "}}", "%}", "%%", "@")) or ANY_TAG.search(text) else None
        )
    if isinstance(instruction, From) and PLACEHOLDER.search(instruction.image.raw):
        return "%%"
    found = STATEMENT.search(text)
    if found is None and isinstance(instruction, CommandInstruction):
        if instruction.heredocs or USES_BRACES.search(text):
            return None
        found = EXPRESSION.search(text) or re.search(r"<%[=-]?\s.*?%>", text)
    elif found is None:
        found = ANY_TAG.search(text)
    return found[0] if found else None


def language(tag: str, text: str) -> str:
    """Name the language that a tag belongs to."""
    if tag.startswith(("%%", "@")):
        return "placeholder"
    if "<%" in tag:
        return "ERB"
    if "{%" in tag or re.search(r"\{%[-+~]?\s*\w", text):
        return "Jinja"
    if re.search(r"\{\{[#/^{]\s*[\w.]+", text):
        return "Mustache"
    if re.search(r"\{\{-?\s*(?:[.$]\w*|if |range |end\b|with |define |template |block |else)", text):
        return "Go"
    return "Jinja"
