"""SLIM503."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Edit, Entrypoint, Example, Finding, Fix, FixedEffect, Rule, Safety, Span, Stage

__all__ = ["ShellFormEntrypoint"]


class ShellFormEntrypoint(Rule):
    """ENTRYPOINT is written in shell form.

    Then `/bin/sh -c` is what runs: arguments of `docker run` and all of CMD are dropped without a word, and on many
    images the shell does not hand signals on, so that `docker stop` waits ten seconds and kills.

    The fix writes the exec form where it is a plain command without variables. It is unsafe: CMD, which was ignored,
    now counts.
    """

    code = "SLIM503"
    name = "shell-form-entrypoint"
    safety = Safety.UNSAFE
    aliases = ("DL3025", "JSONArgsRecommended")
    examples = (
        Example(
            bad="FROM debian:12\nENTRYPOINT «python3 -m app»\n",
            good='FROM debian:12\nENTRYPOINT ["python3", "-m", "app"]\n',
        ),
        Example(bad="FROM debian:12\nENTRYPOINT «python3 -m app --port $PORT»\n", note="A variable needs the shell."),
        Example(allow='FROM debian:12\nENTRYPOINT ["python3", "-m", "app"]\n'),
        Example(allow="FROM debian:12\nENTRYPOINT exec python3 -m app --port $PORT\n", note="exec: the shell is gone."),
        Example(allow="FROM debian:12\nCMD python3 -m app\n"),
        Example(allow='FROM debian:12\nENTRYPOINT python3 -m app\nENTRYPOINT ["app"]\n', note="The last one counts."),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at the last ENTRYPOINT of the stage that ships."""
        if not stage.is_final:
            return
        last = next((each for each in reversed(stage.instructions) if isinstance(each, Entrypoint)), None)
        if last is None or last.form != "shell" or not last.script.text.strip():
            return
        commands = last.script.commands
        if not last.script.ok or any("exec" in command.wrappers for command in commands):
            return
        if any(command.name == "exec" for command in commands):
            return
        words = [word.value for word in commands[0].words] if len(commands) == 1 else []
        fix = None
        place = Span(last.script.span.start, last.script.span.end)
        text = stage.facts.file.text[place.start : place.end]
        place = Span(place.start + len(text) - len(text.lstrip()), place.end - len(text) + len(text.rstrip()))
        simple = words and len(last.script.statements) == 1 and last.script.statements[0].kind == "command"
        bare = simple and not (commands[0].redirects or commands[0].assignments or commands[0].wrappers)
        plain = all(word is not None and not set(word) & set("*?~[$`") for word in words)
        if bare and plain and not last.heredocs and "\n" not in text.strip():
            import json  # rarely needed

            new = json.dumps(words, ensure_ascii=False)
            effects = frozenset({FixedEffect.ENTRYPOINT})
            fix = Fix(f"SLIM503-{last.span.start}", "exec form", (Edit(place, new),), Safety.UNSAFE, effects=effects)
        yield self.finding(
            place,
            "a shell runs this: CMD and arguments of `docker run` are dropped",
            help='write ENTRYPOINT ["…"], or `exec` in front',
            fix=fix,
        )
