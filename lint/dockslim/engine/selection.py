"""Which rules run: selectors are codes, names, prefixes of codes, codes of other linters, or ``ALL``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.engine.rule import Rule

__all__ = ["SelectorError", "Selectors", "choose", "match", "resolve", "suggest", "unknown"]

_EXACT = 1000


class SelectorError(ValueError):
    """A selector that fits no rule; the message says which, and what may have been meant."""


class Selectors:
    """One layer of choices: the configuration file's, or the command line's.

    ``select`` replaces what ran before (None leaves it), ``extend`` adds to it, ``ignore`` takes away.
    """

    __slots__ = ("extend", "ignore", "select")

    def __init__(
        self, select: Sequence[str] | None = None, extend: Sequence[str] = (), ignore: Sequence[str] = ()
    ) -> None:
        self.select = select
        self.extend = extend
        self.ignore = ignore


def match(selector: str, rule: type[Rule]) -> int:
    """How exactly a selector means a rule: 0 not at all, higher is more specific."""
    if selector in (rule.code, rule.name) or selector in rule.aliases:
        return _EXACT
    if selector == "ALL":
        return 1
    if selector and rule.code.startswith(selector):
        return 1 + len(selector)
    return 0


def resolve(selector: str, rules: Iterable[type[Rule]]) -> frozenset[str]:
    """The codes of all rules that a selector means."""
    return frozenset(rule.code for rule in rules if match(selector, rule))


def suggest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return ``"; did you mean X?"`` for a near miss (1 would be the word itself), or nothing."""
    import difflib

    by_fold = {each.casefold(): each for each in known}
    folded = word.casefold()
    near = difflib.get_close_matches(folded, by_fold, n=5, cutoff=cutoff)
    if not near:
        return ""

    def likeness(candidate: str) -> tuple[float, int]:
        # Among equals a letter mistyped is likelier than letters moved: SLIM1O1 is SLIM101, not SLIM110.
        same = sum(ours == theirs for ours, theirs in zip(candidate, folded, strict=False))
        return difflib.SequenceMatcher(None, folded, candidate).ratio(), same

    return f"; did you mean {by_fold[max(near, key=likeness)]}?"


def choose(rules: Sequence[type[Rule]], layers: Iterable[Selectors]) -> frozenset[str]:
    """Return the codes of the rules that run: the default set, changed by each layer in turn.

    Within a layer the more specific selector wins; at a draw, ``ignore`` does.  Raises SelectorError for a selector
    that means no rule.
    """
    running = {rule.code for rule in rules if rule.enabled}
    for layer in layers:
        for key, selectors in (
            ("--select", layer.select),
            ("--extend-select", layer.extend),
            ("--ignore", layer.ignore),
        ):
            for selector in selectors or ():
                complaint = unknown(selector, rules)
                if complaint:
                    raise SelectorError(f"{key}: {complaint}")
        wanted = (*(layer.select or ()), *layer.extend)
        for rule in rules:
            asked = max((match(selector, rule) for selector in wanted), default=0)
            refused = max((match(selector, rule) for selector in layer.ignore), default=0)
            if refused and refused >= asked:
                running.discard(rule.code)
            elif asked:
                running.add(rule.code)
            elif layer.select is not None:
                running.discard(rule.code)
    return frozenset(running)


def unknown(selector: str, rules: Sequence[type[Rule]]) -> str:
    """What to say of a selector that means no rule; nothing where it means one."""
    if any(match(selector, rule) for rule in rules):
        return ""
    words = [word for rule in rules for word in (rule.code, rule.name, *rule.aliases)]
    hint = suggest(selector, words) or "; `dockslim rules` lists them"
    return f"no rule is called {selector!r}{hint}"
