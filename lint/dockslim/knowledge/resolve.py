"""Which packages an install pulls in: apt's own choice, remade without apt."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from dockslim.later import TYPE_CHECKING

__all__ = ["Facts", "Resolver"]

if TYPE_CHECKING:
    from typing import Generic, TypeVar

    Key = TypeVar("Key", bound=Hashable)
else:
    Key = None

    class Generic:
        """What `typing` has for those who check types."""

        __slots__ = ()

        def __class_getitem__(cls, key: object) -> type:
            return cls


class Facts(Generic[Key]):
    """What the resolver must know of a package: keys are of real packages, alternatives in apt's order of choice."""

    __slots__ = ("conflicts", "depends", "recommends")

    def __init__(
        self,
        depends: tuple[tuple[Key, ...], ...],
        recommends: tuple[tuple[Key, ...], ...],
        conflicts: tuple[Key, ...] = (),
    ) -> None:
        self.depends = depends
        self.recommends = recommends
        self.conflicts = conflicts


class Resolver(Generic[Key]):
    """Collects the packages that installing some names on top of a base brings along.

    apt marks what was asked for first, and then follows each package's dependencies in their order: a group of
    alternatives that some marked package meets already is met; otherwise the first alternative that can be had is
    marked, with all its own dependencies, before the next group is looked at.  Recommended packages come after the
    dependencies of the same package; one that conflicts with what is there is left out.  Where a dependency has no
    alternative that fits, what stands in its way and was not asked for goes, and everything is chosen anew without it.
    """

    def __init__(self, lookup: Callable[[Key], Facts[Key] | None], base: Iterable[Key], recommends: bool) -> None:
        self.lookup = lookup
        self.recommends = recommends
        self.base = frozenset(base)
        self.banned: set[Key] = set()
        self.added: dict[Key, Facts[Key]] = {}
        self.refused: set[Key] = set()

    def install(self, names: Iterable[Key]) -> frozenset[Key]:
        """Return the named packages (unknown ones left out) and all that they pull in beyond the base."""
        asked = [name for name in dict.fromkeys(names) if name not in self.base and self.lookup(name) is not None]
        while True:
            self.added, self.refused = {}, set()
            for name in asked:
                facts = self.lookup(name)
                if facts is not None:
                    self.mark(name, facts)
            obstacles = self.follow(asked)
            if not obstacles:
                return frozenset(self.added)
            self.banned |= obstacles

    def mark(self, name: Key, facts: Facts[Key]) -> None:
        """Take a package in, and remember what it cannot live with."""
        self.added[name] = facts
        self.refused.update(facts.conflicts)

    def follow(self, asked: Iterable[Key]) -> set[Key]:
        """Add what the marked packages need, depth first; return what must go before everything is chosen anew."""
        asked = list(asked)
        added = self.added.keys()
        pending = [wanted for name in reversed(asked) for wanted in self.wanted(name)]
        while pending:
            group, firm = pending.pop()
            if not (added.isdisjoint(group) and self.base.isdisjoint(group)):
                continue
            choices = [(name, facts) for name in group if name not in self.banned and (facts := self.lookup(name))]
            chosen = next(((name, facts) for name, facts in choices if self.fits(name, facts)), None)
            if chosen is None and firm and choices:
                obstacles = self.obstacles(*choices[0]) - set(asked)
                if obstacles:
                    return obstacles
                chosen = choices[0]
            if chosen is not None:
                self.mark(*chosen)
                pending += self.wanted(chosen[0])
        return set()

    def wanted(self, name: Key) -> list[tuple[tuple[Key, ...], bool]]:
        """Return what a package asks for, the first to be followed last."""
        facts = self.added[name]
        groups = [(group, True) for group in facts.depends]
        if self.recommends:
            groups += [(group, False) for group in facts.recommends]
        return groups[::-1]

    def fits(self, name: Key, facts: Facts[Key]) -> bool:
        """Whether a package can stand beside what is there."""
        return name not in self.refused and self.added.keys().isdisjoint(facts.conflicts)

    def obstacles(self, name: Key, facts: Facts[Key]) -> set[Key]:
        """Return the packages added so far that a package cannot stand beside."""
        return {other for other in facts.conflicts if other in self.added} | {
            other for other, added in self.added.items() if name in added.conflicts
        }
