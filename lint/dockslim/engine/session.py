"""One call of the program: its files read one after the other, with the settings that hold for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from dockslim.engine import registry
from dockslim.engine.discovery import STDIN, discover
from dockslim.engine.finding import Finding
from dockslim.engine.linter import Linter
from dockslim.engine.reading import Reader, UnreadableError, read_bytes
from dockslim.engine.rule import Rule
from dockslim.engine.selection import SelectorError, Selectors, choose, resolve
from dockslim.engine.settings import WHEEL_TRANSFERS, ConfigurationError, Settings, nearest

if TYPE_CHECKING:
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


class Work(NamedTuple):
    """A file that could be read, what it means, and who judges it; ``stdin`` where ``path`` is only its name."""

    path: Path
    stdin: bool
    data: bytes
    facts: Facts
    linter: Linter
    reader: Reader


class Checked(NamedTuple):
    """A file and what was found in it."""

    path: Path
    facts: Facts
    findings: list[Finding]


class Session:
    """The files of one call.  ``problems`` grows while they are worked on; ``crashes`` hears of crashing rules."""

    def __init__(
        self,
        paths: Sequence[Path],
        choices: Choices | None = None,
        crashes: Callable[[type[Rule], Exception], None] | None = None,
    ) -> None:
        self.paths = list(paths)
        self.choices = choices or Choices()
        self.problems: list[Problem] = []
        self._crashes = crashes
        self._folders: dict[Path, Settings] = {}
        found = registry.load()
        self.rules = found.rules
        self.problems.extend(Problem("", error) for error in found.errors)
        choose(
            self.rules, [self.choices.selectors]
        )  # a wrong selector on the command line stops everything: SelectorError

    def check(self) -> Iterator[Checked]:
        """Lint each file in turn."""
        for work in self.works():
            yield Checked(work.path, *work.linter.judge(work.facts))

    def works(self) -> Iterator[Work]:
        """Read each file in turn; what cannot be read becomes a problem."""
        for path in discover(self.paths, self.complain):
            name = Path(self.choices.stdin_filename) if path == STDIN else path
            try:
                settings = Settings() if self.choices.isolated else nearest(name.absolute().parent, self._folders)
                linter, reader = self._tools(settings, name)
                data = read_bytes(path)
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
            try:
                facts = reader.facts(data, name)
            except LookupError as error:
                self.complain(name, f"{error} to be its target")
            except RecursionError:
                self.complain(name, "nested too deeply to be read")
            except Exception as error:  # a mistake of ours in one file must not cost the others' findings
                self.complain(name, f"could not be understood ({type(error).__name__}: {error}); please report this")
            else:
                yield Work(name, path == STDIN, data, facts, linter, reader)

    def complain(self, path: Path, message: str) -> None:
        """Note a problem with a file."""
        self.problems.append(Problem(path.as_posix(), message))

    def _tools(self, settings: Settings, path: Path) -> tuple[Linter, Reader]:
        layer = Selectors(settings.select, settings.extend_select, settings.ignore)
        try:
            running = choose(self.rules, [layer, self.choices.selectors])
            spared = settings.ignored_in(path)
            if spared:
                running = choose(self.rules, [layer, self.choices.selectors, Selectors(ignore=spared)])
            severities = {code: level for word, level in settings.severity.items() for code in self._named(word)}
        except SelectorError as error:
            raise SelectorError(f"{settings.source}: {error}") from error
        target = self.choices.target or settings.target
        transfer = self.choices.wheel_transfer or settings.wheel_transfer or WHEEL_TRANSFERS[0]
        linter = Linter(self.rules, running, severities, self._crashes)
        return linter, Reader(self.choices.context, self.choices.build_args, target, transfer)

    def _named(self, word: str) -> frozenset[str]:
        codes = resolve(word, self.rules)
        if not codes:
            raise SelectorError(f"severity: no rule is called {word!r}")
        return codes
