"""Why each line of a rewrite moves, comes or goes, said to the person who has to like it."""

from __future__ import annotations

import re

from dockslim.model import Stage, installs_projects
from dockslim.rewrite.culprits import CulpritKind
from dockslim.rewrite.edits import Note
from dockslim.rewrite.installs import InstallSet
from dockslim.rewrite.packages import Replacements
from dockslim.rewrite.plan import Plan
from dockslim.syntax import Add, Copy, Run

__all__ = ["notes_of"]


def notes_of(plan: Plan, installs: InstallSet, replacements: Replacements) -> tuple[Note, ...]:
    """Return one note for each thing moved, added, dropped or kept, in the order of the file."""
    stage = plan.stage
    notes = [*base_notes(plan), *package_notes(plan, replacements), *install_notes(stage, installs)]
    for treatment in plan.treatments:
        instruction = treatment.instruction
        if isinstance(instruction, Copy | Add) and treatment.builder is not None:
            notes.append(
                Note("added", f"{treatment.builder} (builder)", "the install reads these files", instruction.line)
            )
        elif isinstance(instruction, Run) and treatment.dropped:
            where = "moved" if treatment.builder is not None else "dropped"
            brings = any(installs_projects(action) for action in stage.actions_of(instruction))
            why = (
                "what it brings is handed over to the image that ships"
                if brings and treatment.builder is not None
                else "nothing of it is needed in the image that ships"
            )
            notes.append(Note(where, one_line(instruction.text), why, instruction.line))
    return tuple(sorted(notes, key=lambda note: note.line))


def base_notes(plan: Plan) -> list[Note]:
    """Explain the FROM lines."""
    line = plan.stage.from_.line
    notes: list[Note] = []
    if plan.builder_name:
        notes.append(Note("added", f"stage {plan.builder_name}", f"builds on {plan.bases.builder}", line))
    if plan.shared_prefix:
        why = f"{plan.builder_name} and the final stage both start from it, so nothing is written twice"
        notes.append(Note("added", f"stage {plan.base_name}", why, line))
    if not plan.bases.shared:
        why = "the slim image has the same Python without compilers and headers"
        notes.append(Note("moved", f"{plan.bases.builder} → {plan.bases.final}", why, line))
    if plan.bases.pinned is not None:
        why = f"the runtime packages are named for {plan.bases.pinned}; a floating tag would move on"
        notes.append(Note("added", f"-{plan.bases.pinned} in the tag", why, line))
    return notes


def package_notes(plan: Plan, replacements: Replacements) -> list[Note]:
    """Explain the packages."""
    notes: list[Note] = []
    lines = {culprit.name: plan.stage.facts.file.source.position(culprit.span.start).line for culprit in plan.culprits}
    notes += [
        Note("moved", culprit.name, f"{culprit.kind.value}: only the builder needs it", lines[culprit.name])
        for culprit in plan.culprits
        if culprit.kind is not CulpritKind.FULL_BASE
    ]
    pinned = {
        culprit.name
        for culprit in plan.culprits
        if culprit.left is not None and re.search(r"[=<>~]", culprit.left.package.text or "")
    }
    for name, source in replacements.added:
        if source:
            why = f"the library that {source} stood for"
            if source in pinned:
                why += ", in the version that the archive has: that of the headers was pinned"
            notes.append(Note("added", name, why, lines.get(source, 1)))
        else:
            notes.append(Note("kept", name, "a later command calls it", next(iter(lines.values()), 1)))
    notes += [
        Note("added", name, f"it came along with {source}, and the application uses it", lines.get(source, 1))
        for name, source in replacements.came_along
    ]
    why = "the full image had it, and the file still uses it"
    notes += [Note("added", name, why, plan.stage.from_.line) for name in plan.new_install]
    return notes


def install_notes(stage: Stage, installs: InstallSet) -> list[Note]:
    """Explain the installs."""
    position = stage.facts.file.source.position
    notes: list[Note] = []
    if installs.handover is not None:
        why = "filled in the builder and copied whole, to the same place in the same image"
        line = position(installs.span.start).line
        return [Note("moved", ", ".join(installs.handover.folders), why, line)]
    for split in installs.splits:
        line = position(split.install.verb.start).line
        notes.append(
            Note("moved", "pip install → pip wheel", f"builds wheels into {split.folder} in the builder", line)
        )
        how = "by path" if split.by_path else "by name"
        why = f"takes those wheels, {how}, and nothing from an index"
        if split.why_by_path:
            why += f" ({split.why_by_path}); `pip freeze` then names their files"
        elif split.names:
            why += "; `pip freeze` then names the version, not the folder"
        notes.append(Note("kept", "pip install --no-index", why, line))
    return notes


def one_line(text: str, limit: int = 60) -> str:
    """Return text on one line, cut where it is long."""
    flat = " ".join(text.replace("\\\n", " ").split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
