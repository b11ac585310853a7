"""All packages of a suite together: who provides what, and which alternatives apt would take, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dockslim.knowledge.build.control import Group, Package, Relation
from dockslim.knowledge.build.versions import satisfies
from dockslim.knowledge.images import full_image_packages, slim_image_packages
from dockslim.knowledge.resolve import Facts, Resolver

__all__ = ["Universe"]

PRIORITIES = {"required": 0, "important": 1, "standard": 2, "optional": 3, "extra": 4}


class Universe:
    """The newest packages of a suite, with their relations resolved to names of real packages."""

    def __init__(self, suite: str, packages: Mapping[str, Package]) -> None:
        self.suite = suite
        self.packages = packages
        self.order = {name: place for place, name in enumerate(packages)}
        self.providers: dict[str, list[tuple[Package, str]]] = {}
        for package in packages.values():
            for group in package.provides:
                for relation in group:
                    self.providers.setdefault(relation.name, []).append((package, relation.version))
        self.cache: dict[str, Facts[str]] = {}

    def candidates(self, relation: Relation) -> list[str]:
        """Return the packages that meet one alternative, the one apt takes first."""
        found = {}
        package = self.packages.get(relation.name)
        if package is not None and satisfies(package.version, relation.operator, relation.version):
            found[package.name] = package
        for provider, version in self.providers.get(relation.name, ()):
            if not relation.operator or (version and satisfies(version, relation.operator, relation.version)):
                found[provider.name] = provider
        own = "" if relation.any_architecture else relation.name
        return sorted(found, key=lambda name: (name != own, *self.preference(found[name])))

    def preference(self, package: Package) -> tuple[bool, int, int]:
        """Return apt's order among providers: essential ones, then by priority, then the one met last."""
        return not package.essential, PRIORITIES.get(package.priority, 5), -self.order[package.name]

    def alternatives(self, group: Group) -> tuple[str, ...]:
        """Return the real packages that meet a group, in the order in which apt tries them."""
        names: dict[str, None] = {}
        for relation in group:
            names.update(dict.fromkeys(self.candidates(relation)))
        return tuple(names)

    def facts(self, name: str) -> Facts[str] | None:
        """Return what a real package asks for."""
        known = self.cache.get(name)
        if known is not None:
            return known
        package = self.packages.get(name)
        if package is None:
            return None
        facts = Facts(
            tuple(filter(None, map(self.alternatives, package.depends))),
            tuple(filter(None, map(self.alternatives, package.recommends))),
            tuple(sorted({other for group in package.conflicts for other in self.hits(group, name)})),
        )
        self.cache[name] = facts
        return facts

    def hits(self, group: Group, own: str) -> list[str]:
        """Return the real packages that a Conflicts or Breaks entry hits in this suite."""
        return [name for relation in group for name in self.candidates(relation) if name != own]

    def real(self, name: str) -> str | None:
        """Return the real package that asking for ``name`` installs: itself, or the only one that provides it."""
        if name in self.packages:
            return name
        providers = {provider.name for provider, _ in self.providers.get(name, ())}
        return providers.pop() if len(providers) == 1 else None

    def closure(self, names: Iterable[str], base: Iterable[str] = (), recommends: bool = False) -> frozenset[str]:
        """Return the names, all they pull in, and the base."""
        resolver = Resolver(self.facts, base, recommends)
        added = resolver.install(real for name in names if (real := self.real(name)) is not None)
        return added | resolver.base

    def bases(self) -> dict[str, frozenset[str]]:
        """Return what the base images hold: the distribution's own, and the official Python images' on top of it."""
        debian = self.debian_base()
        choices = slim_image_packages(self.suite)
        named = (next((name for name in names if name in self.packages), None) for names in choices)
        slim = self.closure([name for name in named if name is not None], debian)
        full = self.closure(full_image_packages(self.suite), slim)
        return {"debian": debian, "slim": slim, "full": full}

    def debian_base(self) -> frozenset[str]:
        """Return what the distribution's own minimal image holds.

        The essential and required packages, apt and its keyring, and what these depend on; usr-is-merged is preferred to the
        package that merges /usr, as the official images do.
        """
        names = [p.name for p in self.packages.values() if p.essential or p.priority == "required"]
        first = ["usr-is-merged"] if "usr-is-merged" in self.packages else []
        return self.closure([*first, *names, "apt", "debian-archive-keyring"])
