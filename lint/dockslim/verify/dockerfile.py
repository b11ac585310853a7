"""The Dockerfile beside its image: which line made a layer or brought a package, and the edits that are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dockslim.engine.reading import Reader
from dockslim.later import TYPE_CHECKING
from dockslim.rewrite.edits import Edit, apply_edits
from dockslim.syntax.span import Span
from dockslim.verify.results import Layer

if TYPE_CHECKING:
    from dockslim.model import Facts, PackageInstall, Stage

__all__ = ["Addition", "Written"]

_ROOT = ("root", "0", "root:root", "0:0")


@dataclass(frozen=True, slots=True)
class Addition:
    """An edited Dockerfile: its whole text, and the new or changed line with its number."""

    data: bytes
    line: int
    text: str


class Written:
    """One Dockerfile as it is written, with the options it is built with."""

    def __init__(
        self,
        data: bytes,
        path: Path,
        context: Path | None = None,
        build_args: Mapping[str, str | None] | None = None,
        target: str | None = None,
    ) -> None:
        known = {name: value for name, value in (build_args or {}).items() if value is not None}
        self.data, self.path = data, path
        self.facts: Facts = Reader(context, known, target).facts(data, path)

    @property
    def stage(self) -> Stage:
        """The stage that ships."""
        return self.facts.final_stage

    def other_stages(self) -> list[str]:
        """Return the stages that the final one does not start from, nearest first, as ``--target`` takes them."""
        lineage = self.stage.lineage
        others = [stage for stage in self.facts.stages[: self.stage.index] if stage not in lineage]
        return [stage.name or str(stage.index) for stage in reversed(others)]

    @property
    def base(self) -> str:
        """The image that what ships starts from, as written."""
        return self.stage.lineage[0].from_.image.raw

    def settings(self) -> set[str]:
        """Return the names that ENV and LABEL set in what ships."""
        from dockslim.syntax import Env, Label

        return {
            pair.name.literal or pair.name.raw
            for stage in self.stage.lineage
            for instruction in stage.instructions
            if isinstance(instruction, Env | Label)
            for pair in instruction.pairs
        }

    def attribute(self, layers: Sequence[Layer]) -> tuple[Layer, ...]:
        """Return the layers with the lines that made them; what the base image brought keeps None.

        Both are read from the end: every instruction of the file leaves one entry in the history, and what comes before
        them is the base's.  Entries that fit no instruction (a label given on the command line) are stepped over.
        """
        chain = [
            (instruction.name, instruction.line, self._one_line(instruction.text), stage.name or "")
            for stage in self.stage.lineage
            for instruction in stage.instructions
            if instruction.name not in ("FROM", "ONBUILD")
        ]
        result = list(layers)
        for index in range(len(result) - 1, -1, -1):
            if not chain:
                break
            word = result[index].instruction.split(" ", 1)[0].upper()
            if word == chain[-1][0]:
                _, line, text, stage = chain.pop()
                # The file's own words: a history writes `COPY file:290f… in .`.
                result[index] = replace(result[index], line=line, instruction=text, stage=stage)
        # A chain that was not used up has gone astray somewhere: no line is better than a wrong one.
        return tuple(result) if not chain else tuple(layers)

    def _one_line(self, text: str) -> str:
        lines = [line.rstrip().removesuffix(self.facts.file.escape) for line in text.splitlines()]
        return readable(" ".join(" ".join(line for line in lines if not line.lstrip().startswith("#")).split()))

    def installs(self) -> Iterator[PackageInstall]:
        """Yield the package installs of what ships."""
        from dockslim.model import PackageInstall

        for stage in self.stage.lineage:
            for action in stage.actions:
                if isinstance(action, PackageInstall):
                    yield action

    def packages(self) -> dict[str, int]:
        """Return {package: line} for the packages that what ships installs by name."""
        return {
            word.name: self.facts.file.source.position(word.span.start).line
            for action in self.installs()
            for word in action.packages
            if word.name is not None
        }

    def with_packages(self, packages: Collection[str], manager: str, user: str = "") -> Addition:
        """Return the file with ``packages`` installed in the final stage: in an install that is there, else a new RUN.

        ``manager`` is dpkg, apk, or rpm (or the name of the program: microdnf, yum).  ``user`` is the base image's.
        """
        names = sorted(set(packages) - self.packages().keys())
        install = self._install_to_extend(manager)
        if install is not None:
            return self._extended(install, names)
        return self._new_run(names, manager, user)

    def without_packages(self, packages: Collection[str]) -> bytes:
        """Return the file with these packages taken out of the final stage's installs, as long as others stay there."""
        edits = []
        for action in self.installs():
            gone = [word for word in action.packages if word.name in packages and word.own_word]
            if not gone or len(gone) == len(action.packages):
                continue
            edits += [Edit(self._with_gap(word.span), "") for word in gone]
        source = self.facts.file.source
        return source.encode(apply_edits(source.text, edits))

    def _with_gap(self, span: Span) -> Span:
        """Return the word's span with the blanks before it, and with its continuation where the line is all its own."""
        source = self.facts.file.source
        start, text = span.start, source.text
        while start > 0 and text[start - 1] in " \t":
            start -= 1
        if start > 0 and text[start - 1] == "\n":
            joint = text.rfind(self.facts.file.escape, 0, start)
            if joint >= 0 and not text[joint + 1 : start].strip():
                start = joint
                while start > 0 and text[start - 1] in " \t":
                    start -= 1
        return Span(start, span.end)

    def _install_to_extend(self, manager: str) -> PackageInstall | None:
        from dockslim.model import Manager, PackageInstall, PackageRemove

        wanted = {"dpkg": Manager.APT, "apk": Manager.APK}.get(manager, Manager.RPM)
        found = None
        for action in self.stage.actions:
            if isinstance(action, PackageInstall) and action.manager is wanted and action.certain and action.packages:
                removed = any(
                    isinstance(other, PackageRemove) and other.instruction is action.instruction
                    for other in self.stage.actions
                )
                if not removed and action.virtual is None and action.packages[-1].own_word:
                    found = action
        return found

    def _extended(self, install: PackageInstall, names: Sequence[str]) -> Addition:
        source = self.facts.file.source
        end = install.packages[-1].span.end
        position = source.position(install.packages[-1].span.start)
        before = source.line_text(position.line)[: position.column - 1]
        # One package a line stays one package a line.
        gap = f" {self.facts.file.escape}{source.newline}{before}" if not before.strip() else " "
        text = apply_edits(source.text, [Edit(Span(end, end), "".join(gap + name for name in names))])
        new = Written(source.encode(text), self.path)
        line = position.line + (len(names) if gap != " " else 0)
        return Addition(new.data, line, readable(new.facts.file.source.line_text(line).strip()))

    def _new_run(self, names: Sequence[str], manager: str, user: str) -> Addition:
        source, stage = self.facts.file.source, self.stage
        command = _command(manager, names)
        lower = stage.from_.keyword.islower()
        run, switch = ("run", "user") if lower else ("RUN", "USER")
        parent = stage.parent
        current = parent.configuration.user if parent is not None else None
        current = current if current is not None else user
        lines = [f"{run} {command}"]
        if current and current not in _ROOT:
            lines = [f"{switch} root", *lines, f"{switch} {current}"]
        at = stage.from_.full_span.end
        ends_line = source.text[:at].endswith(("\n", "\r"))
        body = source.newline.join(lines)
        insert = body + source.newline if ends_line else source.newline + body
        line = source.position(stage.from_.span.end).line + 1 + (1 if len(lines) > 1 else 0)
        return Addition(source.encode(apply_edits(source.text, [Edit(Span(at, at), insert)])), line, f"{run} {command}")


def readable(text: str) -> str:
    """Return text that every output can write: bytes that are no UTF-8 become the replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _command(manager: str, names: Sequence[str]) -> str:
    listed = " ".join(names)
    if manager == "dpkg":
        return f"apt-get update && apt-get install -y --no-install-recommends {listed} && rm -rf /var/lib/apt/lists/*"
    if manager == "apk":
        return f"apk add --no-cache {listed}"
    program = manager if manager in ("dnf", "microdnf", "yum") else "dnf"
    return f"{program} install -y {listed} && {program} clean all"
