"""The instructions, each with its typed parts."""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING

from . import kinds
from .command_instructions import Cmd, CommandInstruction, Entrypoint, Healthcheck, Run
from .image import ImageReference
from .instruction import Instruction, Part
from .span import Span
from .suggest import suggest
from .words import Pair, Word

if TYPE_CHECKING:
    from typing import ClassVar

    pass

__all__ = [
    "TYPES",
    "Add",
    "Arg",
    "Cmd",
    "CommandInstruction",
    "Copy",
    "Entrypoint",
    "Env",
    "Expose",
    "From",
    "Healthcheck",
    "Label",
    "Maintainer",
    "Onbuild",
    "Pairs",
    "Run",
    "Shell",
    "StopSignal",
    "Unknown",
    "User",
    "Volume",
    "Workdir",
]


class From(Instruction):
    """FROM: begins a stage."""

    __slots__ = ("image", "stage_name")

    image: ImageReference
    stage_name: Word | None

    def _read_arguments(self) -> None:
        groups = self.groups(self.body_token)
        nowhere = Word(Span(self.span.end, self.span.end), "", self.escape)
        self.image = ImageReference(self.joint_word(groups[0]) if groups else nowhere)
        named = len(groups) == 3 and groups[1][0].kind == kinds.AS
        self.stage_name = self.joint_word(groups[2]) if named else None

    @property
    def platform(self) -> Word | None:
        """The value of `--platform`."""
        flag = self.flag("platform")
        return flag.value if flag else None


class Pairs(Instruction):
    """What ARG, ENV and LABEL have in common; ``legacy`` is the old form, one name and the rest of the line."""

    __slots__ = ("legacy", "pairs")

    pairs: tuple[Pair, ...]
    legacy: bool

    def _read_arguments(self) -> None:
        groups = self.groups(self.body_token)
        self.legacy = len(groups) > 1 and any(part.kind == kinds.TEXT for part in groups[1])
        if self.legacy:
            name, value = self.joint_word(groups[0]), self.text_from(groups[1][0].span.start)
            self.pairs = (Pair(name, value, Span(name.span.start, value.span.end)),)
        else:
            self.pairs = tuple(self.pair(group) for group in groups)

    def pair(self, group: list[Part]) -> Pair:
        """Read `name`, `name=` or `name=value`."""
        at = next((at for at, part in enumerate(group) if part.kind == kinds.EQUALS), len(group))
        start, end = group[0].span.start, group[-1].span.end
        name = self.joint_word(group[:at]) if at else Word(Span(start, start), "", self.escape)
        value: Word | None = None
        if at + 1 < len(group):
            value = self.joint_word(group[at + 1 :])
        elif at < len(group):
            value = Word(Span(end, end), "", self.escape)
        return Pair(name, value, Span(start, end))

    def text_from(self, start: int) -> Word:
        """Return the text from ``start`` to the end of the arguments as one word."""
        joined = self.joined(self.body_token)
        at = joined.offset(start)
        text = joined.text[at:]
        return Word(joined.span(at, len(joined.text)), text, self.escape)


class Arg(Pairs):
    """ARG: a variable of the build."""

    __slots__ = ()


class Env(Pairs):
    """ENV: environment variables."""

    __slots__ = ()


class Label(Pairs):
    """LABEL: metadata."""

    __slots__ = ()


class Shell(Instruction):
    """SHELL: what the shell form is run by."""

    __slots__ = ("arguments",)

    arguments: tuple[Word, ...]

    def _read_arguments(self) -> None:
        parts = self.parts(self.body_token)
        self.arguments = tuple(self.string(part, verbatim=True) for part in parts if part.kind == kinds.STRING)


class Copy(Instruction):
    """COPY: files from the build context or another stage."""

    __slots__ = ("destination", "sources")

    #: Here-documents left out.
    sources: tuple[Word, ...]
    destination: Word

    def _read_arguments(self) -> None:
        words = self.words()
        self.sources = words[:-1]
        self.destination = words[-1] if words else Word(Span(self.span.end, self.span.end), "", self.escape)

    @property
    def from_(self) -> Word | None:
        """The value of `--from`."""
        flag = self.flag("from")
        return flag.value if flag else None


class Add(Copy):
    """ADD: files from the build context, a URL or a repository."""

    __slots__ = ()


class User(Instruction):
    """USER: who runs what follows."""

    __slots__ = ("user",)

    user: Word

    def _read_arguments(self) -> None:
        self.user = self.text_word()


class Workdir(Instruction):
    """WORKDIR: where what follows runs."""

    __slots__ = ("path",)

    path: Word

    def _read_arguments(self) -> None:
        self.path = self.text_word()


class Expose(Instruction):
    """EXPOSE: ports that the container listens on."""

    __slots__ = ("ports",)

    ports: tuple[Word, ...]

    def _read_arguments(self) -> None:
        self.ports = self.words()


class Volume(Instruction):
    """VOLUME: paths whose content outlives the container."""

    __slots__ = ("paths",)

    paths: tuple[Word, ...]

    def _read_arguments(self) -> None:
        self.paths = self.words()


class StopSignal(Instruction):
    """STOPSIGNAL: how the container is asked to stop."""

    __slots__ = ("signal",)

    signal: Word

    def _read_arguments(self) -> None:
        self.signal = self.text_word()


class Maintainer(Instruction):
    """MAINTAINER: an author; deprecated."""

    __slots__ = ("author",)

    author: Word

    def _read_arguments(self) -> None:
        self.author = self.text_word()


class Onbuild(Instruction):
    """ONBUILD: an instruction for images built on this one."""

    __slots__ = ("inner",)

    inner: Instruction

    def _read_arguments(self) -> None:
        tokens, at = self.file.tree.kinds, self.body_token
        kind = kinds.UNKNOWN
        while at < self.last and not kinds.FROM <= tokens[at] <= kinds.UNKNOWN:
            at += 1
        if at < self.last:
            kind = tokens[at]
        self.inner = TYPES[kind](self.file, min(at, self.last - 1), self.last)


class Unknown(Instruction):
    """An instruction that BuildKit does not know."""

    __slots__ = ()

    known: ClassVar[tuple[str, ...]] = tuple(kinds.KEYWORDS)

    @property
    def suggestion(self) -> str | None:
        """The instruction that was probably meant."""
        return suggest(self.name, self.known)


TYPES: dict[int, type[Instruction]] = {
    kinds.FROM: From,
    kinds.ARG: Arg,
    kinds.ENV: Env,
    kinds.LABEL: Label,
    kinds.RUN: Run,
    kinds.CMD: Cmd,
    kinds.ENTRYPOINT: Entrypoint,
    kinds.HEALTHCHECK: Healthcheck,
    kinds.SHELL: Shell,
    kinds.COPY: Copy,
    kinds.ADD: Add,
    kinds.USER: User,
    kinds.WORKDIR: Workdir,
    kinds.EXPOSE: Expose,
    kinds.VOLUME: Volume,
    kinds.STOPSIGNAL: StopSignal,
    kinds.MAINTAINER: Maintainer,
    kinds.ONBUILD: Onbuild,
    kinds.UNKNOWN: Unknown,
}
