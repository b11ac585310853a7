"""The stage graph: what each stage starts from, sees, does and is configured to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dockslim.model.actions import Action, Other, PackageInstall, PackageRemove, PackageWord, PipInstall
from dockslim.model.configuration import Configuration
from dockslim.model.context import Context
from dockslim.model.image import BaseImage, Family, classify
from dockslim.model.recognise_packages import MANAGERS, recognise_packages
from dockslim.model.recognise_pip import recognise_pip
from dockslim.model.recognise_project import VERBS, recognise_project
from dockslim.model.variables import PLATFORM_ARGUMENTS, Variables
from dockslim.records import NamedTuple, field, record
from dockslim.syntax import Arg, Copy, Env, File, From, Instruction, Run
from dockslim.syntax.expand import Unset

__all__ = ["Facts", "Left", "Options", "Stage", "join", "read"]

#: How the programs begin that install Python packages.
INSTALLERS = ("pip", "python", "pypy", *VERBS)


#: Most instructions are one of these.
SETTING_NOTHING = (Run, Copy)


class Options(NamedTuple):
    """What a user may choose about the rewrite.

    ``keep`` holds offsets of package words (or FROM images) that are to stay as they are, because their finding is
    suppressed or deselected.
    """

    wheel_directory: str = "/wheels"
    wheel_transfer: str = "mount"  # or "copy"
    pin_release: bool = True
    keep: frozenset[int] = frozenset()


class Left(NamedTuple):
    """A package that a RUN installs and does not remove again: it, or at least its bytes, is in the image."""

    package: PackageWord
    action: PackageInstall
    removed_by: PackageRemove | None  # a later RUN's removal, which frees no bytes


class Stage:
    """One stage: its FROM and the instructions up to the next one."""

    def __init__(self, facts: Facts, index: int, from_: From, instructions: tuple[Instruction, ...]) -> None:
        self.end: Variables
        self.configuration: Configuration
        self.facts = facts
        self.index = index
        #: The stages whose instructions these are: itself, but for stages that were joined.
        self.members: tuple[Stage, ...] = (self,)
        self.from_ = from_
        self.instructions = instructions
        self.name = from_.stage_name.raw.lower() if from_.stage_name is not None else None
        reference = from_.image.word.expand(facts.global_variables.lookup)
        self.parent = facts.find_stage(reference, index) if reference is not None else None
        self.base: BaseImage = self.parent.base if self.parent is not None else classify(reference)
        if self.parent is not None:
            variables = self.parent.end.child()
            self.configuration = self.parent.configuration.child()
        else:
            variables = Variables(open_ended=self.base.family is not Family.SCRATCH)
            self.configuration = Configuration()
        self._scopes: dict[int, Variables] = {}
        self._workdirs: dict[int, str] = {}
        self._users: dict[int, str | None] = {}
        scope = variables.copy()  # one for all instructions between two that set something
        for instruction in instructions:
            start = instruction.span.start
            self._scopes[start] = scope
            self._workdirs[start] = self.configuration.workdir or "/"
            self._users[start] = self.configuration.user
            if isinstance(instruction, SETTING_NOTHING):
                continue
            self.configuration.apply(instruction, variables)
            if isinstance(instruction, Arg):
                facts.declare(instruction, variables, stage=True)
                scope = variables.copy()
            elif isinstance(instruction, Env):
                before = scope
                for pair in instruction.pairs:
                    name = pair.name.expand(before.lookup)
                    if name is not None:
                        value = pair.value.expand(before.lookup) if pair.value is not None else ""
                        variables.set_environment(name, value)
                scope = variables.copy()
        self.end = variables
        self._actions: tuple[Action, ...] | None = None
        self._by_run: dict[int, tuple[Action, ...]] | None = None
        self._left: tuple[Left, ...] | None = None
        self._ships: bool | None = None
        self._runs: tuple[Run, ...] | None = None
        self._unreadable: tuple[Run, ...] | None = None
        self._pip_installs: tuple[PipInstall, ...] | None = None

    @property
    def release(self) -> str:
        """The base image's release, empty where it is not known."""
        return self.base.release or ""

    @property
    def key(self) -> tuple[int, ...]:
        """What tells it from all other stages, joined ones too."""
        return tuple([member.index for member in self.members])

    @property
    def is_final(self) -> bool:
        """Whether this is the stage that ships: the target, or the last one."""
        return self.facts.final_stage is self.members[-1]

    @property
    def ships(self) -> bool:
        """Whether the stage that ships is this one or starts from it."""
        if self._ships is None:
            self._ships = self.members[-1] in self.facts.final_stage.lineage
        return self._ships

    @property
    def lineage(self) -> list[Stage]:
        """This stage and those it starts from, the oldest first."""
        chain: list[Stage] = []
        stage: Stage | None = self
        while stage is not None:
            chain.insert(0, stage)
            stage = stage.parent
        return chain

    def scope(self, instruction: Instruction) -> Variables:
        """The variables that ``instruction`` sees."""
        return self._scopes[instruction.span.start]

    def workdir(self, instruction: Instruction) -> str:
        """The working directory at ``instruction``, absolute; `/` where only the base image would know."""
        return self._workdirs[instruction.span.start]

    def user(self, instruction: Instruction) -> str | None:
        """The user at ``instruction``; None: the base image's."""
        return self._users[instruction.span.start]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The RUN instructions."""
        if self._runs is None:
            self._runs = tuple([instruction for instruction in self.instructions if isinstance(instruction, Run)])
        return self._runs

    @property
    def actions(self) -> tuple[Action, ...]:
        """What the commands of all RUNs do, in order."""
        if self._actions is None:
            self._actions = tuple(action for run in self.runs for action in self.read_run(run))
        return self._actions

    def read_run(self, run: Run) -> list[Action]:
        """Return the actions of one RUN; none where its script could not be read."""
        found: list[Action] = []
        script = run.script
        if not script.ok:
            return found
        lookup = self.scope(run).lookup
        for command in script.commands:
            statement = script.statements[command.statement]
            arguments = command.argv(lookup)
            if not arguments:
                if arguments is None:
                    found.append(Other(run, command, statement, (), None))
                continue
            program = (arguments[0].text or "").rsplit("/", 1)[-1]
            action: Action | None = None
            if program in MANAGERS:
                action = recognise_packages(run, command, statement, arguments)
            elif program.startswith(INSTALLERS):  # most commands are neither, and need not be looked at by both
                action = recognise_pip(run, command, statement, arguments) or recognise_project(
                    run, command, statement, arguments
                )
            found.append(action or Other(run, command, statement, arguments, program or None))
        return found

    def actions_of(self, instruction: Instruction) -> tuple[Action, ...]:
        """The actions of one RUN of this stage."""
        if self._by_run is None:
            found: dict[int, list[Action]] = {}
            for action in self.actions:
                found.setdefault(action.instruction.span.start, []).append(action)
            self._by_run = {start: tuple(actions) for start, actions in found.items()}
        return self._by_run.get(instruction.span.start, ())

    @property
    def pip_installs(self) -> tuple[PipInstall, ...]:
        """The installs of Python packages, in order."""
        if self._pip_installs is None:
            self._pip_installs = tuple([action for action in self.actions if isinstance(action, PipInstall)])
        return self._pip_installs

    @property
    def left(self) -> tuple[Left, ...]:
        """The packages this stage's own RUNs leave in the image, in order."""
        if self._left is None:
            self._left = tuple(packages_left(self))
        return self._left

    @property
    def unreadable_runs(self) -> tuple[Run, ...]:
        """The RUNs whose shell could not be read."""
        if self._unreadable is None:
            self._unreadable = tuple([run for run in self.runs if not run.script.ok])
        return self._unreadable


def join(members: Sequence[Stage]) -> Stage:
    """Return stages that start from each other, the lowest first, as the one stage that they amount to."""
    lowest = members[0]
    instructions = tuple(instruction for member in members for instruction in member.instructions)
    joined = Stage(lowest.facts, lowest.index, lowest.from_, instructions)
    joined.members = tuple(members)
    return joined


def packages_left(stage: Stage) -> list[Left]:
    """Return what the RUNs of ``stage`` install and do not remove in the same RUN."""
    removals: dict[str | None, list[tuple[int, PackageRemove]]] = {}
    for at, action in enumerate(stage.actions):
        if isinstance(action, PackageRemove):
            for name in names_of(action):
                removals.setdefault(name, []).append((at, action))
    left: list[Left] = []
    for at, action in enumerate(stage.actions):
        if not isinstance(action, PackageInstall) or swept(stage, action):
            continue
        by_virtual = removals.get(action.virtual, []) if action.virtual is not None else []
        for package in action.packages:
            by_name = removals.get(package.name, []) if package.name is not None else []
            after = sorted((each for each in (*by_name, *by_virtual) if each[0] > at), key=lambda each: each[0])
            if any(other.instruction is action.instruction for _, other in after):
                continue
            left.append(Left(package, action, after[0][1] if after else None))
    return left


def swept(stage: Stage, install: PackageInstall) -> bool:
    """Whether the same RUN gives everything free with `apt-mark auto`, and then removes what nothing needs.

    It is how the official images clear away what a build needed; what a library is needed for is marked `manual` there.
    """
    actions = stage.actions_of(install.instruction)
    freed = False
    for action in actions[actions.index(install) + 1 :]:
        freed |= isinstance(action, Other) and action.program == "apt-mark" and action.has("auto")
        if freed and isinstance(action, PackageRemove) and action.automatic and not action.packages:
            return True
    return False


def names_of(removal: PackageRemove) -> set[str | None]:
    """The names, and the words as they are written, that a removal takes away."""
    return {word.name for word in removal.packages} | {word.text for word in removal.packages}


@record(eq=False)
class Facts:
    """All that is known of one Dockerfile; everything is computed once and asked for by rules and the rewrite."""

    file: File
    context: Context | None = None
    build_arguments: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    options: Options = field(default_factory=Options)
    stages: list[Stage] = field(default_factory=list)
    global_instructions: tuple[Instruction, ...] = ()
    global_variables: Variables = field(default_factory=Variables)
    memory: dict[object, object] = field(default_factory=dict)  # what higher floors computed of these facts

    @property
    def final_stage(self) -> Stage:
        """The stage that ships: the target, else the last.  Raises LookupError where there is no such stage."""
        if self.target is not None:
            stage = self.find_stage(self.target, len(self.stages))
            if stage is None:
                raise LookupError(f"no stage {self.target!r}")
            return stage
        if not self.stages:
            raise LookupError("no FROM instruction")
        return self.stages[-1]

    def find_stage(self, reference: str, before: int) -> Stage | None:
        """Return the stage that ``reference`` (a name or, for COPY --from, a number) means to stage ``before``."""
        for stage in reversed(self.stages[:before]):
            if stage.name is not None and stage.name == reference.lower():
                return stage
        return None

    def source_stage(self, copy: Copy, stage: Stage) -> Stage | None:
        """Return the stage that a `COPY --from` reads; None for the build context or another image."""
        if copy.from_ is None:
            return None
        reference = copy.from_.expand(self.global_variables.lookup)
        if reference is None:
            return None
        if reference.isdigit():
            number = int(reference)
            return self.stages[number] if number < stage.index else None
        return self.find_stage(reference, stage.index)

    def declare(self, instruction: Arg, variables: Variables, *, stage: bool) -> None:
        """Take in an ARG: a build argument wins over its default, a global ARG stands in for a missing one."""
        for pair in instruction.pairs:
            name = pair.name.raw
            if name in self.build_arguments:
                variables.set_argument(name, self.build_arguments[name])
            elif pair.value is not None:
                variables.set_argument(name, pair.value.expand(variables.lookup))
            elif stage:
                value = self.global_variables.lookup(name)
                variables.set_argument(name, None if isinstance(value, Unset) else value)
            else:
                variables.set_argument(name, None)


def read(
    file: File,
    context: Context | None = None,
    build_arguments: Mapping[str, str] | None = None,
    target: str | None = None,
    options: Options | None = None,
) -> Facts:
    """Read what a Dockerfile means.

    ``context`` is the build context, where it is at hand; ``target`` the stage that ships, by name.
    """
    facts = Facts(file, context, dict(build_arguments or {}), target, options or Options())
    for name in PLATFORM_ARGUMENTS:
        facts.global_variables.set_argument(name, facts.build_arguments.get(name))
    starts = [at for at, instruction in enumerate(file.instructions) if isinstance(instruction, From)]
    facts.global_instructions = file.instructions[: starts[0]] if starts else file.instructions
    for instruction in facts.global_instructions:
        if isinstance(instruction, Arg):
            facts.declare(instruction, facts.global_variables, stage=False)
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(file.instructions)
        from_ = file.instructions[start]
        assert isinstance(from_, From)
        facts.stages.append(Stage(facts, number, from_, file.instructions[start + 1 : end]))
    return facts
