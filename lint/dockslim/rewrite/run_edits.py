"""Small edits of one RUN: a command more at its end, statements less, a mount more."""

from __future__ import annotations

from collections.abc import Iterable

from dockslim.later import TYPE_CHECKING
from dockslim.rewrite.edits import Edit
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from dockslim.model import PackageInstall, Stage
    from dockslim.syntax import File, Run, Statement

__all__ = ["append_command", "prepend_mount", "without_packages", "without_statements"]

#: Statements after whose last word ` && command` means what it says.
PLAIN = frozenset({"command", "subshell", "group", "if", "for", "while", "case", "assignment", "test"})


def append_command(file: File, run: Run, command: str) -> Edit | None:
    """Return the edit that has a RUN end with one command more, laid out as the RUN is; None where it has no plain end.

    It runs only where all before it succeeded, and its own failure fails the RUN.
    """
    if run.form != "shell" or run.heredocs or not run.script.ok or not run.script.statements:
        return None
    last = run.script.statements[-1]
    if last.kind not in PLAIN or last.operator in ("||", "&") or ends_in_comment(file, run, last):
        return None
    return Edit(Span(last.span.end, last.span.end), f"{separator(file, last)}{command}")


def ends_in_comment(file: File, run: Run, last: Statement) -> bool:
    """Whether something other than blanks stands behind the last statement."""
    return bool(file.text[last.span.end : run.span.end].strip())


def separator(file: File, last: Statement) -> str:
    """What to write between the last statement and one more: on a line of its own where the RUN is written that way."""
    text = file.text
    operator = last.operator_span
    if operator is not None:
        indent = text[text.rfind("\n", 0, operator.start) + 1 : operator.start]
        if not indent.strip() and text[operator.start : operator.end] == "&&":
            return f" {file.escape}\n{indent}&& "
        if "\n" in text[operator.end : last.span.start]:
            indent = text[text.rfind("\n", 0, last.span.start) + 1 : last.span.start]
            return f" && {file.escape}\n{indent if not indent.strip() else '    '}"
    return " && "


def without_statements(run: Run, gone: Iterable[Statement]) -> tuple[Edit, ...] | None:
    """Return the edits that take statements out of a RUN; None where one hangs on another, or where none would stay."""
    from dockslim.rewrite.plan import RefusalError
    from dockslim.rewrite.runs import drop_statements

    statements = run.script.statements
    chosen = {at for at, statement in enumerate(statements) if any(statement is each for each in gone)}
    if run.form != "shell" or run.heredocs or not chosen or len(chosen) == len(statements):
        return None
    try:
        return tuple(drop_statements(run.script, chosen))
    except RefusalError:
        return None


def prepend_mount(stage: Stage, run: Run, mount: str) -> Edit | None:
    """Return the edit that gives a RUN one `--mount` more; None where the file's frontend knows no mounts."""
    from dockslim.rewrite.transfer import mounts_known

    file = stage.facts.file
    if stage.facts.options.wheel_transfer == "copy" or not mounts_known(file.syntax):
        return None
    at = run.keyword_span.end
    body = file.text[at : run.span.end].lstrip(" \t")
    text = f" --mount={mount}"
    if not (run.heredocs or body.startswith((file.escape + "\n", file.escape + "\r", "--"))):
        text += f" {file.escape}\n   "
    return Edit(Span(at, at), text)


def without_packages(file: File, install: PackageInstall, names: Iterable[str]) -> tuple[Edit, ...] | None:
    """Return the edits that take packages out of an install; None where none would stay or words are shared."""
    from dockslim.rewrite.pip_words import before_word

    gone = [package for package in install.packages if package.name in set(names)]
    if len(gone) == len(install.packages) or not all(package.own_word for package in gone):
        return None
    return tuple(Edit(Span(before_word(file.text, each.span.start), each.span.end), "") for each in gone)
