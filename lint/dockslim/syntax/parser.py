"""Reading a Dockerfile."""

from __future__ import annotations

from collections.abc import Iterator

from . import kinds
from .checks import check
from .file import File
from .lalr import Misfit, nodes_of
from .lexer import Tokens, lex
from .source import Source
from .span import Span
from .tree import Tree
from .words import SyntaxProblem

__all__ = ["parse"]


def parse(text_or_bytes: str | bytes, path: str = "<string>") -> File:
    r"""Read a Dockerfile; whatever it holds, this raises nothing.

    What BuildKit would refuse is in the file's ``problems``; the rest of the file is read all the same.

    >>> file = parse("FROM python:3.12\nRUNN pip install flask\nCOPY app.py\n")
    >>> for problem in file.problems:
    ...     print(file.source.position(problem.span.start).line, problem.message)
    2 unknown instruction RUNN; did you mean RUN?
    3 COPY ends too early: expected a word or a here-document
    """
    data = encoded(text_or_bytes) if isinstance(text_or_bytes, str) else text_or_bytes
    source = Source(data, path)
    tokens = lex(source.text)
    root, misfits = nodes_of(tokens.kinds, tokens.items)
    file = File(source, tokens, Tree(source.text, tokens.kinds, tokens.ends, root))
    found = [
        *(SyntaxProblem(Span(each.start, each.end), each.message, each.expected) for each in tokens.complaints),
        *(problem for misfit in misfits for problem in explain(file, tokens, misfit)),
        *check(file),
    ]
    file.problems = tuple(sorted(found, key=lambda problem: problem.span)) if found else ()
    return file


def encoded(text: str) -> bytes:
    """Return the bytes of a text, also of one with surrogates that no bytes decode to."""
    try:
        return Source.encode(text)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def explain(file: File, tokens: Tokens, misfit: Misfit) -> Iterator[SyntaxProblem]:
    """Say what an instruction that fits no rule should have held."""
    tree = file.tree
    keyword = misfit.first
    while keyword < misfit.last and tokens.kinds[keyword] < kinds.FROM:
        keyword += 1
    expected = wanted(misfit)
    token = misfit.token
    if keyword == misfit.last:
        place = Span(tree.start(token), tree.ends[token])
        yield SyntaxProblem(place, "nothing but a continuation", "an instruction")
        return
    name = file.text[tree.start(keyword) : tree.ends[keyword]].upper()
    if kinds.HEREDOC_END in misfit.expected:
        place = Span(tree.start(keyword), line_end(tokens, misfit, tree))
        message = f"a here-document of {name} is never closed"
    elif tokens.kinds[token] in ENDS:
        place = Span(tree.start(keyword), max(tree.ends[keyword], line_end(tokens, misfit, tree)))
        message = f"{name} ends too early"
    else:
        needs = tokens.kinds[token] in BLANKS
        while tokens.kinds[token] in BLANKS:
            token -= 1  # the word before the blank lacks something
        place = Span(tree.start(token), tree.ends[token])
        shown = shortened(file.node_text(SyntaxProblem(place, "")))
        message = f"{name} needs more after {shown}" if needs else f"{name} cannot take {shown} here"
    yield SyntaxProblem(place, f"{message}: expected {expected}" if expected else message, expected)


def wanted(misfit: Misfit) -> str | None:
    """Say what would have fitted."""
    found = {kind if kind < kinds.FROM else kinds.UNKNOWN for kind in misfit.expected}
    for general, special in OVERSHADOWED:
        if general in found and special in found:
            found.discard(special)
    if len(found) > 1:
        found -= OPTIONAL
    names = [kinds.PLAIN_NAMES.get(each, kinds.NAMES[each].lower()) for each in sorted(found)]
    return " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names) or None


def line_end(tokens: Tokens, misfit: Misfit, tree: Tree) -> int:
    """Return where the first line of an instruction ends, blanks left out."""
    at = misfit.first
    while at < misfit.last and tokens.kinds[at] not in ENDS:
        at += 1
    return tree.start(at)


def shortened(text: str) -> str:
    """Return a piece of the file fit for a message."""
    text = text.strip()
    return repr(text if len(text) <= 40 else text[:37] + "...")


ENDS = frozenset({kinds.TRAIL, kinds.NEWLINE})
BLANKS = frozenset({kinds.BLANK, kinds.CONTINUATION, kinds.SPLICE, kinds.INNER_COMMENT, kinds.INNER_EMPTY})
#: What need not be said next to something else.
OVERSHADOWED = ((kinds.TEXT, kinds.HEREDOC), (kinds.REPOSITORY, kinds.WORD))
OPTIONAL = frozenset({kinds.FLAG, kinds.DASHES, kinds.REGISTRY, kinds.NEWLINE})
