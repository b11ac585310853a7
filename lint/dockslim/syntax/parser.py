"""Reading a Dockerfile."""

from __future__ import annotations

import re

from .joined import Joined
from .nodes import TYPES, Comment, Directive, File, Flag, Heredoc, Instruction, Onbuild, SyntaxProblem, Unknown, Word, split
from .source import Source
from .span import Span

DIRECTIVE = re.compile(r"^\s*#\s*([A-Za-z]+)\s*=\s*(.*?)\s*$")

def parse(text_or_bytes: str | bytes, path: str = "<string>") -> File:
    data = Source.encode(text_or_bytes) if isinstance(text_or_bytes, str) else text_or_bytes
    source = Source(data, path)
    return Parser(source).run()

class Parser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.escape = "\\"
        self.comments: list[Comment] = []
        self.problems: list[SyntaxProblem] = []
        self.directives: list[Directive] = []
        self.starts = [*source.starts, len(source.text)]
        self.lines = [source.text[a:b] for a, b in zip(self.starts, self.starts[1:])]
    def run(self) -> File:
        out: list[Instruction] = []
        i = 0
        seen: set[str] = set()
        directives = True
        while i < len(self.lines):
            line = self.lines[i].lstrip("\ufeff") if i == 0 else self.lines[i]
            bare = line.strip()
            if directives:
                m = DIRECTIVE.match(line.rstrip("\r\n"))
                if m and m[1].lower() in ("syntax", "escape", "check") and m[1].lower() not in seen:
                    seen.add(m[1].lower())
                    self.directives.append(Directive(m[1].lower(), m[2], self.line_span(i)))
                    if m[1].lower() == "escape" and m[2] in ("\\", "`"):
                        self.escape = m[2]
                else:
                    directives = False
            if not bare:
                i += 1
            elif bare.startswith("#"):
                self.comment(i)
                i += 1
            else:
                node, i = self.instruction(i)
                out.append(node)
        template = None
        if re.search(r"\{%-?\s*(if|for|set|include|extends|block|macro|raw)\b", self.text): template = "Jinja"
        elif "<%" in self.text and "%>" in self.text: template = "ERB"
        elif re.search(r"(?m)^\s*\{\{", self.text): template = "Go template or Mustache"
        return File(self.source, out, self.directives, self.comments, self.problems, self.escape, template)
    def line_span(self, i: int) -> Span:
        s = self.starts[i]
        return Span(s + len(self.lines[i]) - len(self.lines[i].lstrip()), s + len(self.lines[i].rstrip("\r\n")))
    def comment(self, i: int) -> None:
        span = self.line_span(i)
        self.comments.append(Comment(span, self.text[span.start:span.end]))
    def instruction(self, i: int) -> tuple[Instruction, int]:
        pieces: list[tuple[int, str]] = []
        first = i
        cont = re.compile(re.escape(self.escape) + r"[ \t]*$")
        n = len(self.lines)
        last_content = i
        while i < n:
            body = self.lines[i].rstrip("\n")
            body = body[:-1] if body.endswith("\r") else body
            start = self.starts[i]
            if i > first:
                if body.lstrip().startswith("#"):
                    self.comment(i)
                    i += 1
                    continue
                if not body.strip():
                    i += 1
                    continue
            if i == 0 and body.startswith("\ufeff"):
                body, start = body[1:], start + 1
            if i == first:
                lead = len(body) - len(body.lstrip())
                body, start = body[lead:], start + lead
            last_content = i
            m = cont.search(body)
            i += 1
            if m is None:
                pieces.append((start, body))
                break
            pieces.append((start, body[: m.start()]))
        i = last_content + 1
        joined = Joined(pieces)
        end = self.starts[last_content] + len(self.lines[last_content].rstrip("\r\n"))
        text = joined.text
        kw = re.match(r"\S+", text)[0]
        at = len(kw)
        kind = TYPES.get(kw.upper(), Unknown)
        flags: list[Flag] = []
        while True:
            m = re.compile(r"[ \t]*").match(text, at)
            at = m.end()
            m = re.compile(r"--([A-Za-z][A-Za-z-]*)(=)?").match(text, at)
            if not m or kind.__name__ not in ("From", "Run", "Copy", "Add", "Healthcheck"):
                break
            s, e = split(text, at, self.escape)[0]
            value = Word(joined.span(m.end(), e), text[m.end():e], self.escape) if m[2] else None
            flags.append(Flag(m[1], value, joined.span(s, e), text[s:e]))
            at = e
        heredocs: list[Heredoc] = []
        if kind.__name__ in ("Run", "Copy", "Add") and "<<" in text:
            for s, e in split(text, at, self.escape):
                m = re.fullmatch(r"\d*<<(-?)(['\"]?)([A-Za-z_][A-Za-z0-9_.]*)\2", text[s:e])
                if not m:
                    continue
                b0 = i
                while i < n:
                    l = self.lines[i].rstrip("\r\n")
                    if (l.lstrip("\t") if m[1] else l) == m[3]:
                        break
                    i += 1
                else:
                    self.problems.append(SyntaxProblem(joined.span(s, e), f"here-document {m[3]} is not closed", m[3]))
                bs, be = self.starts[b0], self.starts[min(i, n)] if i < n else len(self.text)
                heredocs.append(Heredoc(m[3], self.text[bs:be], Span(bs, be), not m[2], bool(m[1]), joined.span(s, e)))
                if i < n:
                    end = self.starts[i] + len(self.lines[i].rstrip("\r\n"))
                    i += 1
        start = pieces[0][0]
        end = max(start + len(kw), start + len(self.text[start:end].rstrip(" \t")))
        span = Span(start, end)
        full = Span(self.starts[first], self.starts[i])
        node = kind(self.source, kw, joined, at, tuple(flags), tuple(heredocs), joined.span(0, len(kw)), span, full, self.escape)
        if isinstance(node, Onbuild):
            node.inner = self.inner(node)
        if isinstance(node, Unknown):
            hint = f"; did you mean {node.suggestion}?" if node.suggestion else ""
            self.problems.append(SyntaxProblem(node.keyword_span, f"unknown instruction {kw}{hint}", "an instruction"))
        return node, i
    def inner(self, node: Instruction) -> Instruction:
        body = node.joined.text[node.body_at:]
        m = re.match(r"\S+", body)
        kw = m[0] if m else ""
        kind = TYPES.get(kw.upper(), Unknown)
        at = node.body_at + len(kw)
        while at < len(node.joined.text) and node.joined.text[at] in " \t": at += 1
        ks = node.joined.span(node.body_at, node.body_at + len(kw))
        return kind(self.source, kw, node.joined, at, (), node.heredocs, ks, Span(ks.start, node.span.end), node.full_span, self.escape)
