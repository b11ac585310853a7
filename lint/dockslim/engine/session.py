"""One call of the program: its files read one after the other, with the settings that hold for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from dockslim.engine.checked import Checked
from dockslim.engine.discovery import STDIN, Found, find
from dockslim.engine.reading import Reader, UnreadableError, read_bytes
from dockslim.engine.selection import SelectorError, Selectors, choose, resolve, unknown
from dockslim.engine.settings import DEFAULT, ConfigurationError, Settings, load, matches, nearest
from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple

if TYPE_CHECKING:
    from dockslim.engine.builds import Build
    from dockslim.engine.finding import Finding
    from dockslim.engine.linter import Linter
    from dockslim.engine.recall import Recall
    from dockslim.engine.rule import Rule
    from dockslim.engine.unread import Note
    from dockslim.model import Facts

__all__ = ["Checked", "Choices", "Problem", "Session", "Work"]


class Problem(NamedTuple):
    """Something that kept dockslim from its job; ``path`` is empty where no file is concerned."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Choices(NamedTuple):
    """What the command line chose; it goes before the configuration file."""

    selectors: Selectors = Selectors()
    context: Path | None = None
    build_args: Mapping[str, str] = MappingProxyType({})
    target: str | None = None
    wheel_transfer: str | None = None
    stdin_filename: str = "Dockerfile"
    isolated: bool = False
    config: Path | None = None
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False


class Work(NamedTuple):
    """A file that could be read, what it means, and who judges it; ``stdin`` where ``path`` is only its name."""

    path: Path
    stdin: bool
    data: bytes
    facts: Facts
    linter: Linter
    reader: Reader


#: Says which findings of a file are to be told.
Filter = Callable[[Checked], "list[Finding]"]
Watch = Callable[[Iterable[Checked], int], Iterable[Checked]]


class Session:
    """The files of one call.  ``problems`` grows while they are worked on, and ``notes`` with what could not be looked
    at though nothing is wrong with it; ``crashes`` hears of crashing rules.

    ``filters`` leave findings out (a baseline, unchanged lines); ``spared`` counts those.  ``render`` makes the text
    that a report is going to print of a checked file.  ``memory`` knows files that were checked before; ``jobs``
    processes check the others.
    Raises SelectorError or ConfigurationError for a choice that cannot be followed anywhere.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        choices: Choices | None = None,
        crashes: Callable[[type[Rule], Exception], None] | None = None,
    ) -> None:
        self.paths = list(paths)
        self.choices = choices or Choices()
        self.problems: list[Problem] = []
        self.notes: list[Note] = []
        self.filters: list[Filter] = []
        self.spared = 0
        self._crashes = crashes
        self.render: Callable[[Checked], str] | None = None
        self.memory: Recall | None = None
        self.jobs = 1
        self._folders: dict[Path, Settings] = {}
        self._rules: tuple[type[Rule], ...] | None = None
        self._linters: dict[tuple[int, tuple[str, ...]], tuple[Settings, Linter]] = {}
        selectors = self.choices.selectors
        if selectors.select or selectors.extend or selectors.ignore:
            choose(self.rules, [selectors])
        self._named = load(self.choices.config) if self.choices.config is not None else None

    @property
    def rules(self) -> tuple[type[Rule], ...]:
        """All rules, imported when they are first asked for."""
        if self._rules is None:
            from dockslim.engine import registry

            found = registry.load()
            self._rules = found.rules
            self.problems[:0] = [Problem("", error) for error in found.errors]
            if found.errors:
                self.memory = None  # what a rule that could not be imported would have said is not known
        return self._rules

    @property
    def crashes(self) -> Callable[[type[Rule], Exception], None] | None:
        """Who hears of crashing rules."""
        return self._crashes

    def check(self, watch: Watch | None = None) -> Iterator[Checked]:
        """Lint each file in turn; ``watch`` sees them go by, and is told how many there are."""
        from dockslim.engine.parallel import each_checked

        files = list(self.files())
        checked_files = each_checked(self, files)
        for checked in checked_files if watch is None else watch(checked_files, len(files)):
            for only in self.filters:
                kept = only(checked)
                self.spared += len(checked.findings) - len(kept)
                checked = Checked(checked.path, checked.source, kept)
            yield checked

    def examine(self, found: Found) -> Checked | None:
        """Lint one file, once for each build declared for it; None (see ``problems``) where it cannot be read."""
        told = len(self.problems), len(self.notes)
        read = list(self.works([found]))
        if not read:
            return None
        facts, findings = read[0].linter.judge(read[0].facts)
        if len(read) > 1:
            known = {(each.code, each.span) for each in findings}
            for work in read[1:]:
                more = [each for each in work.linter.judge(work.facts)[1] if (each.code, each.span) not in known]
                known.update((each.code, each.span) for each in more)
                findings.extend(more)
            findings.sort(key=lambda each: (each.span, each.code, each.message))
        checked = Checked(read[0].path, facts.file.source, findings)
        if self.render is not None:
            checked.text = self.render(checked)
        if self.memory is not None and (len(self.problems), len(self.notes)) == told:
            self.memory.put(found, read, checked)
        return checked

    def files(self) -> Iterator[Found]:
        """The files of this call, without those that are excluded."""
        for found in find(self.paths, self.complain):
            spared = (self.choices.force_exclude or not found.named) and self._excluded(self._name(found))
            if not spared:
                yield found

    def works(self, files: Iterable[Found] | None = None) -> Iterator[Work]:
        """Read each file in turn, once for each build that it is declared for; what cannot be read becomes a problem.

        Without ``files``: all of them, each for its first build only.
        """
        if files is None:
            files = (found._replace(builds=found.builds[:1]) for found in self.files())
        for found in files:
            name = self._name(found)
            try:
                settings = self.settings(name)
                linter = self._linter(settings, name)
                data = read_bytes(found.path)
            except (ConfigurationError, SelectorError) as error:
                # Said once, not once a file: the cache of folders would raise it again for each.
                problem = Problem("", str(error))
                if problem not in self.problems:
                    self.problems.append(problem)
                continue
            except UnreadableError as error:
                self.complain(name, str(error))
                continue
            except OSError as error:
                self.complain(name, f"its configuration cannot be looked for: {error.strerror or error}")
                continue
            yield from self._read(found, name, data, settings, linter)

    def work(self, path: Path, data: bytes) -> Work | None:
        """Read a text that is not on disk as if it stood at ``path``; None where that cannot be: see ``problems``.

        Raises ConfigurationError or SelectorError.
        """
        settings = self.settings(path)
        return next(self._read(Found(path, True), path, data, settings, self._linter(settings, path)), None)

    def _read(self, found: Found, name: Path, data: bytes, settings: Settings, linter: Linter) -> Iterator[Work]:
        for build in found.builds or (None,):
            reader = self.reader(settings, build)
            try:
                facts = reader.facts(data, name)
                unread = any(stage.unreadable_runs for stage in facts.stages)
            except LookupError as error:
                said = "" if build is None or build.target != reader.target else f", as {build.origin} has it"
                self.complain(name, f"{error} to be its target{said}")
            except RecursionError:
                self.complain(name, "nested too deeply to be read")
            except Exception as error:  # a mistake of ours in one file must not cost the others' findings
                self.complain(name, f"could not be understood ({type(error).__name__}: {error}); please report this")
            else:
                if unread:
                    self._note(facts)
                yield Work(name, found.path == STDIN, data, facts, linter, reader)

    def _note(self, facts: Facts) -> None:
        from dockslim.engine.unread import unread

        self.notes.extend(note for note in unread(facts) if note not in self.notes)

    def settings(self, path: Path) -> Settings:
        """The settings that hold for a file.  Raises ConfigurationError."""
        if self._named is not None:
            return self._named
        return DEFAULT if self.choices.isolated else nearest(path.absolute().parent, self._folders)

    def complain(self, path: Path, message: str) -> None:
        """Note a problem with a file."""
        self.problems.append(Problem(path.as_posix(), message))

    def _name(self, found: Found) -> Path:
        return Path(self.choices.stdin_filename) if found.path == STDIN else found.path

    def _excluded(self, path: Path) -> bool:
        if matches(self.choices.exclude, path, Path()):
            return True
        try:
            return self.settings(path).excludes(path)
        except (ConfigurationError, OSError):
            return False  # it is told when the file is read

    def running(self, path: Path) -> frozenset[str]:
        """The codes of the rules that run over a file.  Raises ConfigurationError or SelectorError."""
        return self._linter(self.settings(path), path).running

    def _linter(self, settings: Settings, path: Path) -> Linter:
        spared = settings.ignored_in(path)
        known = self._linters.get((id(settings), spared))
        if known is None:
            # The settings are held, too, so that no others can get their id.
            known = self._linters[id(settings), spared] = (settings, self._new_linter(settings, spared))
        return known[1]

    def _new_linter(self, settings: Settings, spared: tuple[str, ...]) -> Linter:
        from dockslim.engine.linter import Linter

        if settings.source is not None:
            for key in ("select", "extend_select", "ignore", "severity", "fix_safety"):
                self._insist(settings.source, key.replace("_", "-"), getattr(settings, key) or ())
            for selectors in settings.per_file_ignores.values():
                self._insist(settings.source, "per-file-ignores", selectors)
        layers = [Selectors(settings.select, settings.extend_select, settings.ignore), self.choices.selectors]
        running = choose(self.rules, [*layers, Selectors(ignore=spared)] if spared else layers)
        severities = {code: level for word, level in settings.severity.items() for code in resolve(word, self.rules)}
        if not settings.fix_safety and not settings.known_packages:
            return Linter(self.rules, running, severities, self._crashes)
        from dockslim.engine.known import declarations
        from dockslim.engine.tuned import TunedLinter

        safeties = {code: safety for word, safety in settings.fix_safety.items() for code in resolve(word, self.rules)}
        packages = declarations(settings.known_packages)
        return TunedLinter(self.rules, running, severities, self._crashes, safeties, packages)

    def _insist(self, source: Path, key: str, words: Iterable[str]) -> None:
        for word in words:
            complaint = unknown(word, self.rules)
            if complaint:
                raise SelectorError(f"{source}: {key}: {complaint}")

    def reader(self, settings: Settings, build: Build | None) -> Reader:
        """How a file is read.

        The command line goes before the configuration, and that before what a compose file declares.
        """
        choices = self.choices
        context = choices.context or settings.context
        target, args = choices.target or settings.target, dict(settings.build_args)
        if build is not None:
            context = context or Path(os.path.relpath(build.context))
            target, args = target or build.target, {**build.args, **args}
        return Reader(
            context,
            {**args, **choices.build_args},
            target,
            choices.wheel_transfer or settings.wheel_transfer,
            settings.wheel_directory,
            settings.pin_release,
        )
