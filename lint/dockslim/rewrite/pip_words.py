"""One `pip install` split in two: `pip wheel` in the builder, an install from the wheels in the final stage."""

from __future__ import annotations

from collections.abc import Sequence

from dockslim.model import PipInstall
from dockslim.rewrite.edits import Edit
from dockslim.syntax import Span

__all__ = ["INDEX_OPTIONS", "builder_edits", "final_edits", "remove_words"]

#: Options of `pip install` that `pip wheel` does not take (pip 24, `pip wheel --help`).
INSTALL_ONLY = frozenset(
    {
        "--user",
        "--target",
        "--prefix",
        "--root",
        "--upgrade",
        "--force-reinstall",
        "--no-compile",
        "--compile",
        "--break-system-packages",
        "--root-user-action",
        "--ignore-installed",
        "--upgrade-strategy",
        "--no-warn-script-location",
        "--no-warn-conflicts",
        "--dry-run",
        "--report",
        "--platform",
        "--system",
    }
)

#: Where wheels come from: nothing of that reaches the final stage, credentials least of all.
INDEX_OPTIONS = frozenset(
    {"--index-url", "--extra-index-url", "--find-links", "--trusted-host", "--no-index", "--cert", "--client-cert"}
)

#: Options that speak of building or of choosing, which is over when the wheels are there.
BUILD_ONLY = (
    frozenset(
        {
            "--no-build-isolation",
            "--use-pep517",
            "--no-use-pep517",
            "--config-settings",
            "--global-option",
            "--build-option",
            "--install-option",
            "--check-build-dependencies",
            "--no-binary",
            "--only-binary",
            "--prefer-binary",
            "--require-hashes",
            "--no-clean",
            "--src",
            "--keyring-provider",
            "--proxy",
            "--retries",
            "--timeout",
        }
    )
    | INDEX_OPTIONS
)


def remove_words(text: str, spans: list[Span]) -> list[Edit]:
    """Return edits that cut words out, each with the blanks and continuations before it."""
    return [Edit(Span(before_word(text, span.start), span.end), "") for span in spans]


def before_word(text: str, start: int) -> int:
    """Return where the blanks before a word begin.

    A line break is taken along with the continuation that makes it one, and with the comment and blank lines after
    that: they stand above the word and speak of it.
    """
    at = start
    while at > 0 and text[at - 1] in " \t":
        at -= 1
    while at > 0 and text[at - 1] == "\n":
        line_end = at - 2 if text[at - 2 : at] == "\r\n" else at - 1
        line_start = text.rfind("\n", 0, line_end) + 1
        line = text[line_start:line_end].rstrip(" \t")
        if not line.strip() or line.lstrip().startswith("#"):
            at = line_start
        elif line.endswith(("\\", "`")):
            return line_start + len(line[:-1].rstrip(" \t"))
        else:
            break
    return at


def builder_edits(text: str, install: PipInstall, folder: str, extra: str = "") -> list[Edit]:
    """Return the edits that make ``install`` a `pip wheel` into ``folder``; ``extra`` are words for it."""
    edits = [Edit(install.verb, f"wheel --wheel-dir={folder}{extra}")]
    gone = [option.span for option in install.options if option.name in INSTALL_ONLY]
    return edits + remove_words(text, gone)


def final_edits(
    text: str, install: PipInstall, folder: str, *, by_path: bool, names: Sequence[tuple[Span, str]] = ()
) -> list[Edit]:
    """Return the edits that make ``install`` take its wheels from ``folder`` and nothing from anywhere else.

    By path every target goes and the wheels themselves are named; by name the targets stay as they are, but for the
    folders of ``names``, whose projects are named instead.
    """
    gone = [option.span for option in install.options if option.name in BUILD_ONLY]
    if not by_path:
        words = f"install --no-index --find-links={folder}"
        named = [Edit(span, quoted(name)) for span, name in names]
        return [Edit(install.verb, words), *named, *remove_words(text, gone)]
    targets = list(install.targets)
    gone += [target.span for target in targets[1:]]
    edits = [Edit(install.verb, "install --no-index --no-deps"), *remove_words(text, gone)]
    if targets:
        edits.append(Edit(targets[0].span, f"{folder}/*.whl"))
    return edits


def quoted(name: str) -> str:
    """Return a requirement as a word of the shell."""
    return f'"{name}"' if "[" in name else name


def shared_words(install: PipInstall) -> bool:
    """Whether some word of the file gives several options or targets, so that none can be cut out alone."""
    spans = [option.span for option in install.options] + [target.span for target in install.targets]
    return len(spans) != len(set(spans)) or install.verb == install.program
