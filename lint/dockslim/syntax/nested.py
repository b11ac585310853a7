"""Scripts in arguments: `sh -c '...'`, `bash -lc "..."`, `bash <<EOF`."""

from __future__ import annotations

import re

from dockslim.later import TYPE_CHECKING

from .joined import Joined
from .shell import Command, Script
from .wrappers import ShellCall, shell_call

if TYPE_CHECKING:
    from tree_sitter import Node

    from .lists import Setting
    from .script import Reader

__all__ = ["nested"]


def nested(
    reader: Reader,
    node: Node,
    nodes: list[Node],
    values: list[str | None],
    program: str,
    setting: Setting,
    statement: int,
    wrappers: tuple[str, ...],
) -> list[Command] | None:
    """Return the commands of the script that a shell is given; None where it gets none that can be read."""
    if program in ("su", "runuser"):
        at = next((at for at, value in enumerate(values) if value in ("-c", "--command")), None)
        call: ShellCall | None = ShellCall(at + 1, True, False, False) if at is not None else None
    else:
        # A script with variables in it is given all the same, so what is not known counts as a word.
        call = shell_call([value if value is not None else "?" for value in values])
    if call is None:
        return None
    joined: Joined | None = None
    if call.inline and call.script is not None and call.script < len(nodes):
        joined = argument(reader, nodes[call.script])
    elif not call.inline and call.script is None and reader.heredocs:
        # The shell reads it from a here-document.
        start, end = node.start_byte, node.end_byte
        line_end = reader.text.find("\n", end)
        mine = [each for each in reader.heredocs if start <= each.operator < (line_end if line_end >= 0 else end)]
        if mine:
            joined = reader.script.joined.part(mine[0].start, mine[0].end)
    if joined is None or setting.depth > 30:
        return None
    script = Script(joined)
    script.outer = (reader.script, node.start_byte)
    inner = type(reader)(script)
    inner.run(setting._replace(depth=setting.depth + 1, errexit=call.errexit, pipefail=call.pipefail), statement)
    if script.problem is not None:
        return None
    reader.script.opaque = reader.script.opaque or script.opaque
    for command in script.commands:
        command.wrappers = (*wrappers, *command.wrappers)
    return list(script.commands)


def argument(reader: Reader, node: Node) -> Joined | None:
    """Return the text of a quoted argument as the inner shell gets it, None where that cannot be told.

    Variables in double quotes are left for the inner shell: what it makes of them is mostly the same.
    """
    start, end = node.start_byte, node.end_byte
    raw = reader.text[start:end]
    joined = reader.script.joined
    if node.type == "raw_string":
        return joined.part(start + 1, end - 1)
    if node.type == "string":
        if re.search(r"(?<!\\)(?:\$\(|`)", raw):
            return None
        dropped = [start + found.start() for found in re.finditer(r"\\[\"$`\\]", raw)]
        return joined.without(start + 1, end - 1, dropped)
    if node.type == "word" and "\\" not in raw:
        return joined.part(start, end)
    return None
