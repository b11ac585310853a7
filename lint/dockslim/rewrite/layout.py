"""From a plan to edits: where the new stages stand, and how they look in this file's own habit."""

from __future__ import annotations

from dockslim.model import Family, Stage, references
from dockslim.rewrite.edits import Edit, Fix, Safety
from dockslim.rewrite.plan import Plan, Treatment
from dockslim.rewrite.runs import slice_with_edits
from dockslim.syntax import File, Instruction, Span, User

__all__ = ["to_fix"]


def to_fix(plan: Plan, title: str) -> Fix:
    """Return the fix that carries ``plan`` out."""
    edits = [*from_edits(plan), *instruction_edits(plan), *renumbered(plan)]
    return Fix(
        id=f"multi-stage-{plan.stage.index}",
        title=title,
        edits=tuple(edits),
        safety=Safety.SAFE if plan.safe else Safety.UNSAFE,
        phase=1,
        obligations=plan.obligations,
        notes=plan.notes,
    )


def from_edits(plan: Plan) -> list[Edit]:
    """Return the edits of the FROM line and the insertion of the new stages."""
    stage, newline = plan.stage, plan.stage.facts.file.source.newline
    from_ = stage.from_
    as_ = " as " if from_.keyword.islower() else " AS "
    install = new_install(plan)
    edits: list[Edit] = []
    if plan.shared_prefix:
        last = stage.instructions[plan.shared_prefix - 1]
        rename(edits, plan, plan.bases.final, plan.base_name, as_)
        final = f"{from_.keyword} {plan.base_name}"
        if from_.stage_name is not None:
            final += as_ + from_.stage_name.raw
        head = f"{from_.keyword} {plan.base_name}{as_}{plan.builder_name}"
        body = newline.join([head, *builder_lines(plan)])
        at = last.full_span.end
        lead = newline if stage.facts.file.text[at - 1 : at] == "\n" else newline * 2
        edits.append(Edit(Span(at, at), f"{lead}{body}{newline}{newline}{final}{newline}{install}"))
        return edits
    if plan.builder_name:
        platform = "".join(f" {flag.text}" for flag in from_.flags)
        head = f"{from_.keyword}{platform} {plan.bases.builder}{as_}{plan.builder_name}"
        body = newline.join([head, *builder_lines(plan)])
        at = insertion_point(stage)
        edits.append(Edit(Span(at, at), f"{body}{newline}{newline}"))
    if plan.bases.final != from_.image.word.raw:
        edits.append(Edit(from_.image.word.span, plan.bases.final))
    if install:
        end = from_.full_span.end
        edits.append(Edit(Span(end, end), install))
    return edits


def rename(edits: list[Edit], plan: Plan, image: str, name: str, as_: str) -> None:
    """Give the FROM line another image and stage name."""
    from_ = plan.stage.from_
    if image != from_.image.word.raw:
        edits.append(Edit(from_.image.word.span, image))
    if from_.stage_name is not None:
        edits.append(Edit(from_.stage_name.span, name))
    else:
        end = from_.image.word.span.end
        edits.append(Edit(Span(end, end), f"{as_}{name}"))


def new_install(plan: Plan) -> str:
    """Return the RUN that installs what the final stage needs and no install of the file brings."""
    if not plan.new_install:
        return ""
    file = plan.stage.facts.file
    glue = f" {file.escape}{file.source.newline}    && "
    commands = (
        "apt-get update",
        f"apt-get install -y --no-install-recommends {' '.join(plan.new_install)}",
        "rm -rf /var/lib/apt/lists/*",
    )
    keyword = "run" if plan.stage.from_.keyword.islower() else "RUN"
    return f"{keyword} {glue.join(commands)}{file.source.newline}"


def builder_lines(plan: Plan) -> list[str]:
    """Return the builder's instructions, each with the comments that move with it, blank lines as the file has them."""
    file = plan.stage.facts.file
    lines: list[str] = []
    parent, base = plan.stage.parent, plan.stage.base
    somebody = parent.configuration.user if parent is not None else None
    switches = any(isinstance(instruction, User) for instruction in plan.stage.instructions)
    if (base.family is Family.UNKNOWN and switches) or somebody not in (None, "root", "0"):
        lines.append("USER root")  # whatever the stage or image below ends as: the builder is nobody's home
    for number, treatment in enumerate(plan.treatments):
        if treatment.builder is None or number < plan.shared_prefix:
            continue
        comments = attached_comments(file, treatment.instruction)
        start = comments.start if comments is not None else line_start(file.text, treatment.instruction.span.start)
        if blank_before(file.text, start):
            lines.append("")
        if treatment.dropped and comments is not None:
            lines.append(file.text[comments.start : comments.end].rstrip("\r\n"))
        lines.append(treatment.builder)
    return lines


def instruction_edits(plan: Plan) -> list[Edit]:
    """Return the edits of the final stage's own instructions."""
    file = plan.stage.facts.file
    text = file.text
    edits: list[Edit] = []
    for treatment in plan.treatments:
        instruction = treatment.instruction
        if treatment.dropped:
            edits.append(drop(file, treatment))
            continue
        edits += treatment.edits
        lost = lost_comments(file, treatment)
        lead = lost + treatment.before
        if lead:
            start = line_start(text, instruction.span.start)
            edits.append(Edit(Span(start, start), lead))
    return edits


def drop(file: File, treatment: Treatment) -> Edit:
    """Return the edit that takes an instruction out; its comments go along where the builder has them."""
    text = file.text
    span = treatment.instruction.full_span
    comments = attached_comments(file, treatment.instruction)
    if treatment.builder is not None and comments is not None:
        span = Span(comments.start, span.end)
    kept = lost_comments(file, treatment) + treatment.before
    if not kept and blank_before(text, span.start) and blank_after(text, span.end):
        span = Span(span.start, text.index("\n", span.end) + 1)
    return Edit(span, kept)


def lost_comments(file: File, treatment: Treatment) -> str:
    """Return the comment lines inside an instruction that neither stage would keep, as lines of their own."""
    inner = [comment for comment in file.comments if treatment.instruction.span.contains(comment.span)]
    if not inner or (not treatment.dropped and not treatment.edits):
        return ""
    after = "" if treatment.dropped else slice_with_edits(file.text, treatment.instruction.span, treatment.edits)
    kept = after + (treatment.builder or "")
    lost = [comment.text.strip() for comment in inner if comment.text.strip() not in kept]
    return "".join(line + file.source.newline for line in lost)


def attached_comments(file: File, instruction: Instruction) -> Span | None:
    """Return the whole lines of the comments that stand directly above an instruction; never parser directives."""
    start = line_start(file.text, instruction.span.start)
    end = start
    by_start = {line_start(file.text, comment.span.start): comment for comment in file.comments}
    while start > 0:
        above = line_start(file.text, start - 1)
        if above not in by_start:
            break
        start = above
    return Span(start, end) if start < end else None


def insertion_point(stage: Stage) -> int:
    """Return where a stage in front of ``stage`` begins: above its own comments, but below those that head the file."""
    file = stage.facts.file
    comments = attached_comments(file, stage.from_)
    if stage.index > 0 and comments is not None:
        return comments.start
    start = line_start(file.text, stage.from_.span.start)
    return start + file.text.startswith("\ufeff", start)  # a byte order mark stays in front of everything


def renumbered(plan: Plan) -> list[Edit]:
    """Return the edits of `--from=NUMBER` in later stages, which the new stages push on."""
    added = (2 if plan.shared_prefix else 1) if plan.builder_name else 0
    behind = plan.stage.facts.stages[plan.stage.index + 1 :]
    words = [each.word for later in behind for each in references(later)]
    return [
        Edit(word.span, str(int(word.raw) + added))
        for word in words
        if word.raw.isdigit() and int(word.raw) >= plan.stage.index
    ]


def line_start(text: str, offset: int) -> int:
    """Return where the line of ``offset`` begins."""
    return text.rfind("\n", 0, offset) + 1


def blank_before(text: str, start: int) -> bool:
    """Whether the line above ``start`` (a line's start) is blank, or there is none."""
    if start == 0:
        return True
    return not text[line_start(text, start - 1) : start].strip()


def blank_after(text: str, end: int) -> bool:
    """Whether the line that begins at ``end`` is blank."""
    stop = text.find("\n", end)
    return stop >= 0 and not text[end:stop].strip()
