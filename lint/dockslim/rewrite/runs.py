"""One RUN, taken apart: what of it the builder needs, and what of it stays in the image that ships."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from dockslim.later import later
from dockslim.model import Action, Manager, Other, PackageInstall, PackageRemove, PackageUpdate, PipInstall, Stage
from dockslim.records import record
from dockslim.rewrite.edits import Edit, apply_edits
from dockslim.rewrite.handover import Handover, statement_goes
from dockslim.rewrite.packages import LISTS, Replacements, install_edits, only_serves_packages
from dockslim.rewrite.pip_words import builder_edits, final_edits, remove_words
from dockslim.rewrite.plan import RefusalError, SplitInstall
from dockslim.rewrite.programs import compiles
from dockslim.rewrite.relevance import PREPARING, Wants, wipes_secrets
from dockslim.syntax import Run, Script, Span

__all__ = ["RunSplitter", "drop_statements", "slice_with_edits"]


#: The caches that pip and other installers fill where nothing forbids it.
CACHE = later(r"^(~|/root|\$HOME|\$\{HOME\}|/home/[\w-]+)/\.cache(/(pip|uv|pypoetry|pipenv|pdm))?(/\*?)?$")


def slice_with_edits(text: str, span: Span, edits: Iterable[Edit]) -> str:
    """Return the text of ``span`` with the edits that lie inside it made."""
    inside = [edit for edit in edits if span.contains(edit.span)]
    moved = [Edit(Span(edit.span.start - span.start, edit.span.end - span.start), edit.text) for edit in inside]
    return apply_edits(text[span.start : span.end], moved)


def drop_statements(script: Script, gone: set[int]) -> list[Edit]:
    """Return the edits that take top-level statements out of a list, each with the operator that joined it.

    Raises RefusalError where a statement hangs on another by `||` or `|`: its absence would change what that does.
    """
    statements = script.statements
    edits: list[Edit] = []
    last_kept = max((at for at in range(len(statements)) if at not in gone), default=-1)
    for at in sorted(gone):
        statement = statements[at]
        after = statements[at + 1] if at + 1 < len(statements) else None
        outer = [statement.operator] if at - 1 not in gone else []
        if after is not None and at + 1 not in gone:
            outer.append(after.operator)
        for operator in outer:
            if operator not in ("", "&&", ";", "\n"):
                raise RefusalError(statement.span, f"it is joined to its neighbour by `{operator}`")
        if at < last_kept and after is not None:
            edits.append(Edit(Span(statement.span.start, after.span.start), ""))
        elif at > last_kept:
            start = statements[at - 1].span.end if at else statement.span.start
            edits.append(Edit(Span(start, statement.span.end), ""))
    return edits


def stands_alone(script: Script, at: int) -> bool:
    """Whether no `||` or `|` joins a top-level statement to a neighbour."""
    joined = [statement.operator for statement in script.statements[at : at + 2]]
    return all(operator in ("", "&&", ";", "\n") for operator in joined)


def prepares(action: Action) -> bool:
    """Whether a command means nothing without those that follow it in its RUN."""
    return isinstance(action, Other) and action.program in PREPARING and not action.command.redirects


@record()
class RunSplitter:
    """Takes RUNs apart for one plan.

    ``gone`` are the packages that leave (word offset, name), ``splits`` the installs that are split, by identity.
    """

    stage: Stage
    gone: set[tuple[int, str]]
    replacements: Replacements
    splits: dict[int, SplitInstall]
    handover: Handover | None = None
    whole: bool = False  # the builder makes more than wheels of named packages

    @property
    def text(self) -> str:
        """The file's text, of which all spans speak."""
        return self.stage.facts.file.text

    def by_statement(self, run: Run) -> dict[int, list[Action]]:
        """Return the actions of a RUN by the number of their top-level statement."""
        found: dict[int, list[Action]] = {at: [] for at in range(len(run.script.statements))}
        for action in self.stage.actions_of(run):
            found[action.command.statement].append(action)
        return found

    # ---- the builder's side

    def spare(self, runs: Sequence[Run], last: Run, needed: Container[Run]) -> dict[Run, set[int] | None]:
        """Return, for each RUN up to the last install, the statements that the builder does without; None: with none.

        ``needed`` are RUNs that make a file which an install reads.  What follows the install in its own RUN is not
        the builder's business.
        """
        wants = Wants(whole=self.whole)
        found: dict[Run, set[int] | None] = {}
        for run in reversed(runs):
            by_statement = self.by_statement(run)
            installs = [at for at, actions in by_statement.items() if any(map(self.moves, actions))]
            gone: set[int] = set()
            reason = run in needed or bool(installs) or not by_statement
            behind_it = wants.copy()
            for at, actions in reversed(by_statement.items()):
                behind = run is last and bool(installs) and at > installs[-1] and not any(map(wipes_secrets, actions))
                spared = run not in needed and bool(actions) and all(map(wants.spares, actions))
                spared = spared and stands_alone(run.script, at)
                if behind or spared:
                    gone.add(at)
                    continue
                reason = reason or not all(map(wants.idle, actions))
                for action in actions:
                    wants.add(action)
            found[run] = gone if reason else None
            if not reason:
                wants = behind_it
        return found

    def builder_text(self, run: Run, gone: set[int] | None) -> str | None:
        """Return the RUN's text in the builder without the statements of ``gone``, None where it is not needed."""
        if gone is None:
            return None
        actions = self.stage.actions_of(run)
        edits: list[Edit] = []
        by_statement = self.by_statement(run)
        if len(gone) == len(by_statement):
            return None
        edits += drop_statements(run.script, gone)
        for action in actions:
            split = self.splits.get(id(action))
            if split is not None and isinstance(action, PipInstall):
                edits += builder_edits(self.text, action, split.folder, split.builder_words)
                if split.builder_tail:
                    glue = " && " if run.heredocs else f" {run.file.escape}{run.file.source.newline}    && "
                    edits.append(Edit(Span(action.span.end, action.span.end), glue + split.builder_tail))
        return slice_with_edits(self.text, run.span, edits)

    def moves(self, action: Action) -> bool:
        """Whether an action is one of the installs that the builder does."""
        if self.handover is not None:
            return any(action is install for install in self.handover.installs)
        return id(action) in self.splits

    # ---- the final stage's side

    def final(self, run: Run) -> tuple[list[Edit], bool]:
        """Return the edits of a RUN in the final stage, and whether nothing of it stays."""
        script = run.script
        gone: set[int] = set()
        edits: dict[int, list[Edit]] = {}
        by_statement = self.by_statement(run)
        dropped_install = kept_install = False
        for at, found in by_statement.items():
            if self.handover is not None and statement_goes(found, self.handover):
                gone.add(at)
                continue
            for action in found:
                if isinstance(action, PackageInstall):
                    words, empty = self.install(action)
                    if empty:
                        gone.add(at)
                        dropped_install = True
                    else:
                        kept_install = True
                        edits.setdefault(at, []).extend(words)
                elif isinstance(action, PackageRemove):
                    words, empty = self.removal(action)
                    if empty:
                        gone.add(at)
                    else:
                        edits.setdefault(at, []).extend(words)
                elif isinstance(action, PipInstall) and id(action) in self.splits:
                    split = self.splits[id(action)]
                    words = final_edits(self.text, action, split.folder, by_path=split.by_path, names=split.names)
                    edits.setdefault(at, []).extend(words)
                elif isinstance(action, Other) and self.speaks_of_what_goes(action):
                    gone.add(at)
                elif isinstance(action, Other):
                    edits.setdefault(at, []).extend(self.without_cache(action))
        upgrades = any(isinstance(action, PackageUpdate) and action.upgrades for action in self.stage.actions_of(run))
        if dropped_install and not kept_install and not upgrades and not self.lists_used_later(run):
            gone |= {at for at, found in by_statement.items() if found and all(map(only_serves_packages, found))}
        if not gone:
            return [edit for words in edits.values() for edit in words], False
        staying = [action for at, found in by_statement.items() if at not in gone for action in found]
        if all(prepares(action) for action in staying):
            return [], True
        result = drop_statements(script, gone)
        return result + [edit for at, words in edits.items() if at not in gone for edit in words], False

    def without_cache(self, action: Other) -> list[Edit]:
        """Let `rm -r ~/.cache` succeed although nothing is there: an install of wheels by their place leaves no cache.

        Raises RefusalError where something else is done with the cache.
        """
        words = [text or "" for text in action.texts[1:]]
        if (action.program or "").startswith("pip") and words[:1] == ["cache"] and self.cache_must_be():
            raise RefusalError(action.span, "this release's pip fails on an empty cache, and wheels leave none")
        forces = any(map(CACHE.search, words)) or (action.program == "rm" and any(map(LISTS.search, words)))
        forces = forces or bool(self.places_of_caches() & {word.rstrip("/*") for word in words})
        if not forces:
            return []
        options = [argument for argument in action.arguments[1:] if (argument.text or "").startswith("-")]
        if action.program == "rm":
            if not options or any("f" in (option.text or "").lstrip("-") for option in options):
                return []
            text = options[0].text or ""
            return [Edit(options[0].span, "-rf" if text.startswith("--") else f"{text}f")]
        if action.program in ("chown", "chmod", "chgrp", "ls", "du", "mv", "cp", "find"):
            why = f"`{action.program}` speaks of a cache, and an install of wheels leaves none"
            raise RefusalError(action.span, why)
        return []

    def places_of_caches(self) -> set[str]:
        """Return the folders in which the installs were told to keep what they fetch."""
        options = [install.option("--cache-dir") for install in self.stage.pip_installs]
        told = [option.value for option in options if option is not None]
        told.append(self.stage.end.environment.get("PIP_CACHE_DIR"))
        return {place.rstrip("/") for place in told if place}

    def cache_must_be(self) -> bool:
        """Whether the base's pip may be older than 22, whose `pip cache purge` fails where nothing is cached."""
        base = self.stage.base
        minor = (base.python or "").partition(".")[2].partition(".")[0]
        return base.release in ("bullseye", "buster", "focal") if not minor.isdigit() else int(minor) < 7

    def speaks_of_what_goes(self, action: Other) -> bool:
        """Whether a command only sets up packages that are not there any more: `update-alternatives`, `apt-mark`."""
        names = {name for _, name in self.gone}
        words = [text or "" for text in action.texts[1:]]
        if action.program == "apt-mark":
            named = [word for word in words[1:] if not word.startswith("-")]
            if names.isdisjoint(named):
                return False
            if not names.issuperset(named):
                raise RefusalError(action.span, "`apt-mark` speaks of packages that go and of others that stay")
            return True
        if action.program != "update-alternatives" or not names:
            return False
        paths = [word for word in words if word.startswith("/")]
        return any(compiles(path.rsplit("/", 1)[-1], ()) or path.rsplit("/", 1)[-1] in names for path in paths)

    def lists_used_later(self, run: Run) -> bool:
        """Whether a later RUN installs packages from the lists that this one fetches."""
        for action in self.stage.actions:
            if action.instruction.span.start <= run.span.start:
                continue
            if isinstance(action, PackageUpdate):
                return action.upgrades and action.manager is Manager.APT
            if isinstance(action, PackageInstall):
                staying = [word for word in action.packages if (word.span.start, word.name) not in self.gone]
                if staying or any(self.replacements.by_word.get(word.span.start) for word in action.packages):
                    return action.manager is Manager.APT
        return False

    def install(self, action: PackageInstall) -> tuple[list[Edit], bool]:
        """Edit one package install."""
        if not any((word.span.start, word.name) in self.gone for word in action.packages):
            return [], False
        if action.instruction.form != "shell":
            raise RefusalError(action.span, "the packages are installed by a RUN in JSON form")
        if action.command.depth:
            raise RefusalError(action.span, "the packages are installed inside a control structure or a sub-shell")
        return install_edits(self.text, action, self.gone, self.replacements)

    def removal(self, action: PackageRemove) -> tuple[list[Edit], bool]:
        """Take packages that are not installed any more out of a removal."""
        names = {name for _, name in self.gone}
        going = [word for word in action.packages if word.name in names]
        if not going:
            # `apt-get autoremove` alone: of no use where all that its RUN removes is not there any more
            others = [
                word.name
                for other in self.stage.actions_of(action.instruction)
                if isinstance(other, PackageRemove)
                for word in other.packages
            ]
            return [], not action.packages and bool(others) and all(name in names for name in others)
        if len(going) == len(action.packages):
            return [], True
        spans: Sequence[Span] = sorted({word.span for word in going})
        return remove_words(self.text, list(spans)), False
