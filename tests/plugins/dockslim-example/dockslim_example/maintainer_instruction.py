"""EXM001."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Example, Finding, Instruction, Rule


class MaintainerInstruction(Rule):
    """MAINTAINER is deprecated.

    A label says the same and is seen by other tools.
    """

    code = "EXM001"
    name = "maintainer-instruction"
    examples = (
        Example(bad="FROM debian:12\n«MAINTAINER» somebody\n"),
        Example(allow='FROM debian:12\nLABEL maintainer="somebody"\n'),
    )

    def check_instruction(self, instruction: Instruction) -> Iterator[Finding]:
        if instruction.name == "MAINTAINER":
            yield self.finding(instruction.keyword_span, "is deprecated: a LABEL says the same")
