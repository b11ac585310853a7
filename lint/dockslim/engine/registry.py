"""Where rules come from: the entry-point group ``dockslim.rules``, ours and everybody else's by the same door.

An entry point names a package or module; every rule class defined in it (in a package: in any of its submodules) joins.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Iterable, Iterator
from importlib.machinery import all_suffixes
from types import ModuleType

from dockslim.engine.entries import GROUP, EntryPoint, entry_points
from dockslim.engine.own import OWN_RULES
from dockslim.engine.rule import Rule
from dockslim.records import NamedTuple

__all__ = ["GROUP", "EntryPoint", "Registry", "entry_points", "load"]

SUFFIXES = frozenset(all_suffixes())


class Registry(NamedTuple):
    """The rules found, by code, and one line for each thing that went wrong on the way."""

    rules: tuple[type[Rule], ...]
    errors: tuple[str, ...]

    def get(self, word: str) -> type[Rule] | None:
        """The rule with this code, name or alias."""
        for rule in self.rules:
            if word.upper() == rule.code or word.lower() == rule.name or word.upper() in rule.aliases:
                return rule
        return None


@functools.lru_cache(maxsize=8)
def load(package: str | None = None) -> Registry:
    """Import all rules, or only those behind the entry point whose value is ``package`` (tests of one plugin).

    A plugin that cannot be imported costs one error line, and a code or name used twice another; the rest goes on.
    """
    rules: dict[str, type[Rule]] = {}
    names: dict[str, type[Rule]] = {}
    errors: list[str] = []
    found = list(OWN_RULES)
    for point in entry_points():
        if package is not None and point.value != package:
            continue
        try:
            found.extend(_collect(point.value))
        except Exception as error:  # whatever a stranger's module does on import must not stop the others
            errors.append(f"plugin {point.name!r} ({point.distribution}) was left out: {type(error).__name__}: {error}")
    for rule in found:
        other = rules.get(rule.code) or names.get(rule.name)
        if other is None:
            rules[rule.code] = names[rule.name] = rule
        elif other is not rule:
            errors.append(
                f"rule {rule.code} ({rule.name}) of {rule.__module__} was left out: "
                f"{other.code} ({other.name}) of {other.__module__} has that code or name"
            )
    return Registry(tuple(rules[code] for code in sorted(rules)), tuple(errors))


def _collect(value: str) -> list[type[Rule]]:
    """Import a module, or a package with all its submodules, and return the rule classes defined there."""
    module = importlib.import_module(value.partition(":")[0].partition("[")[0].strip())
    modules = [module, *_submodules(module)]
    return [
        each
        for part in modules
        for each in vars(part).values()
        if isinstance(each, type)
        and issubclass(each, Rule)
        and each.__module__ == part.__name__
        and "code" in vars(each)
    ]


def _submodules(package: ModuleType) -> Iterator[ModuleType]:
    if not hasattr(package, "__path__"):
        return
    for name in sorted(_names(package.__path__)):
        if not name.startswith("_"):
            module = importlib.import_module(f"{package.__name__}.{name}")
            yield module
            yield from _submodules(module)


def _names(places: Iterable[str]) -> set[str]:
    """The modules of a package.  ``pkgutil`` would import ``inspect``; it is asked where a package is in an archive."""
    names: set[str] = set()
    for place in places:
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    stem, _, suffix = entry.name.partition(".")
                    if f".{suffix}" in SUFFIXES or (not suffix and os.path.isfile(f"{entry.path}/__init__.py")):  # noqa: PTH113
                        names.add(stem)
        except NotADirectoryError:
            import pkgutil

            names.update(info.name for info in pkgutil.iter_modules([place]))
        except OSError:
            continue
    return names
