"""Programs that run another program: sudo, env, time and their like."""

from __future__ import annotations

from collections.abc import Sequence

from dockslim.records import NamedTuple

__all__ = ["NOTABLE", "SHELLS", "WRAPPERS", "ShellCall", "Wrapper", "shell_call", "unwrap"]

#: Programs that read shell scripts.
SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})


class Wrapper(NamedTuple):
    """How a wrapper's arguments go: options that take a value, words before the program, are there assignments?"""

    valued: frozenset[str] = frozenset()
    words: int = 0
    assigns: bool = False
    more: bool = False  # the program gets further arguments
    asks: frozenset[str] = frozenset()  # with one of these it runs nothing


WRAPPERS: dict[str, Wrapper] = {
    "sudo": Wrapper(
        frozenset("-u -g -h -p -C -r -t -T -U -D -R --user --group --prompt --chdir".split()), assigns=True
    ),
    "doas": Wrapper(frozenset(("-u", "-C"))),
    "env": Wrapper(frozenset(("-u", "-C", "--unset", "--chdir")), assigns=True),
    "time": Wrapper(frozenset(("-f", "-o", "--format", "--output"))),
    "exec": Wrapper(frozenset(("-a",))),
    "nice": Wrapper(frozenset(("-n", "--adjustment"))),
    "ionice": Wrapper(frozenset(("-c", "-n", "-p"))),
    "command": Wrapper(asks=frozenset(("-v", "-V"))),
    "builtin": Wrapper(),
    "nohup": Wrapper(),
    "setsid": Wrapper(),
    "eatmydata": Wrapper(),
    "timeout": Wrapper(frozenset(("-k", "-s", "--kill-after", "--signal")), words=1),
    "stdbuf": Wrapper(frozenset(("-i", "-o", "-e"))),
    "gosu": Wrapper(words=1),
    "su-exec": Wrapper(words=1),
    "tini": Wrapper(frozenset(("-e", "-p"))),
    "dumb-init": Wrapper(),
    "xargs": Wrapper(
        frozenset(
            "-n -P -I -L -d -a -E -s --max-args --max-procs --replace --max-lines --delimiter --arg-file".split()
        ),
        more=True,
    ),
}


#: Programs whose arguments are looked at while a script is read; the others' wait until somebody asks.
NOTABLE = frozenset({*WRAPPERS, *SHELLS, "su", "runuser", "read", "source", ".", "eval"})


def unwrap(words: Sequence[str | None]) -> tuple[int, tuple[str, ...], bool]:
    """Return where the program begins, the wrappers before it, and whether it gets arguments that are not known.

    A word of None is one whose value is not known.
    """
    at, found, more = 0, [], False
    while at < len(words):
        name = words[at]
        wrapper = WRAPPERS.get(name.rsplit("/", 1)[-1]) if name else None
        if name is None or wrapper is None:
            break
        after = skip_options(words, at + 1, wrapper)
        if after is None or after >= len(words):
            break
        found.append(name.rsplit("/", 1)[-1])
        more = more or wrapper.more
        at = after
    return at, tuple(found), more


class ShellCall(NamedTuple):
    """How a shell is called: the number of the word that `-c` runs (or of the script file), and what is set."""

    script: int | None
    inline: bool
    errexit: bool
    pipefail: bool


def shell_call(words: Sequence[str | None]) -> ShellCall | None:
    """Read the arguments of a shell (``words[0]``), None where one of them is not known."""
    inline = errexit = pipefail = False
    at = 1
    while at < len(words):
        word = words[at]
        if word is None:
            return None
        if word == "--":
            at += 1
            break
        if word[:1] not in ("-", "+") or len(word) < 2:
            break
        at += 1
        if word.startswith("--"):
            continue
        on = word[0] == "-"
        inline = inline or (on and "c" in word)
        errexit = on if "e" in word else errexit
        if "o" in word and at < len(words):
            pipefail = on if words[at] == "pipefail" else pipefail
            errexit = on if words[at] == "errexit" else errexit
            at += 1
    return ShellCall(at if at < len(words) else None, inline, errexit, pipefail)


def skip_options(words: Sequence[str | None], at: int, wrapper: Wrapper) -> int | None:
    """Return where a wrapper's own arguments end, None where it runs nothing."""
    while at < len(words):
        word = words[at]
        if word is None:
            return at
        if word in wrapper.asks:
            return None
        if word == "--":
            at += 1
            break
        if word in wrapper.valued:
            at += 2
        elif (len(word) > 1 and word.startswith("-")) or (wrapper.assigns and is_assignment(word)):
            at += 1
        else:
            break
    if wrapper.assigns:
        while at < len(words) and is_assignment(words[at] or ""):
            at += 1
    return at + wrapper.words


def is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()
