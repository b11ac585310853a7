"""SLIM303."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Edit, Example, Finding, Fix, Rule, Safety, Severity, Stage, references

__all__ = ["UnknownStage"]


class UnknownStage(Rule):
    """A --from names no stage that is there to be read.

    A number must be that of an earlier stage; a name that is no earlier stage's is taken for an image, which is looked
    for in the registry. A name that stands further down, or that differs from a stage's by a letter, is a mistake.

    The fix writes the name that is there. It is unsafe, for it guesses what was meant.
    """

    code = "SLIM303"
    name = "unknown-stage"
    severity = Severity.ERROR
    safety = Safety.UNSAFE
    every_stage = True
    aliases = ("DL3022", "DL3023")
    examples = (
        Example(bad="FROM debian:12\nRUN make\nFROM debian:12\nCOPY --from=«1» /out /out\n"),
        Example(
            bad="FROM debian:12 AS builder\nRUN make\nFROM debian:12\nCOPY --from=«bulder» /out /out\n",
            good="FROM debian:12 AS builder\nRUN make\nFROM debian:12\nCOPY --from=builder /out /out\n",
        ),
        Example(bad="FROM debian:12 AS a\nCOPY --from=«b» /out /out\nFROM debian:12 AS b\nRUN make\n"),
        Example(allow="FROM debian:12\nRUN make\nFROM debian:12\nCOPY --from=0 /out /out\n"),
        Example(allow="FROM debian:12 AS Builder\nRUN make\nFROM debian:12\nCOPY --from=builder /out /out\n"),
        Example(allow="FROM debian:12\nCOPY --from=nginx /etc/nginx /etc/nginx\n", note="An image."),
        Example(allow="FROM debian:12 AS build\nFROM debian:12\nCOPY --from=builds:1.2 /out /out\n", note="An image."),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each --from."""
        stages = stage.facts.stages
        for reference in references(stage):
            name = reference.name
            if name is None or reference.stage is not None:
                continue
            if name.isdigit():
                last = f"the last one before is {stage.index - 1}" if stage.index else "there is none before"
                yield self.finding(reference.word, f"no earlier stage has the number {name}: {last}")
                continue
            if any(other.name == name.lower() for other in stages[stage.index :]):
                yield self.finding(reference.word, f"stage {name} is not there yet: it stands further down")
                continue
            close = [other.name for other in stages[: stage.index] if other.name and alike(other.name, name.lower())]
            if len(close) == 1 and not set(name) & set("/:@."):
                edit = Edit(reference.word.span, close[0])
                fix = Fix(f"SLIM303-{reference.word.span.start}", f"write {close[0]}", (edit,), Safety.UNSAFE)
                if stage.facts.file.text[reference.word.span.start : reference.word.span.end] != name:
                    fix = None  # type: ignore[assignment]
                yield self.finding(reference.word, f"no stage is called {name}; {close[0]} is", fix=fix)


def alike(one: str, other: str) -> bool:
    """Whether two names differ by one letter: changed, left out, put in, or swapped with its neighbour."""
    if len(one) > len(other):
        one, other = other, one
    if len(one) < 4 or len(other) - len(one) > 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) == len(other):
        swapped = one[:at] + one[at + 1 : at + 2] + one[at : at + 1] + one[at + 2 :]
        return other in (swapped, one[:at] + other[at] + one[at + 1 :]) if at < len(one) else False
    return one[at:] == other[at + 1 :]
