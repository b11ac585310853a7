"""The language server, spoken to by a real client over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the extra lsp is not installed")
from lsprotocol import types
from pygls.lsp.client import LanguageClient

SLIM = (
    "FROM python:3.12-slim-bookworm\n"
    "# 日本 🐳\n"
    "RUN apt-get update && echo 🐳 && apt-get install -y gcc libffi-dev\n"
    "RUN pip install cffi==1.17.1\n"
)


class Editor:
    """A client with one document, which keeps what it is told."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client = client
        self.uri = (folder / "Dockerfile").as_uri()
        self.text = ""
        self.version = 0
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: list[str] = []
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self.told.put_nowait(params))
        client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self.messages.append(params.message))

    async def diagnostics(self) -> list[types.Diagnostic]:
        params = await asyncio.wait_for(self.told.get(), 30)
        assert params.uri == self.uri
        assert params.version in (self.version, None)
        return list(params.diagnostics)

    def open(self, text: str, language: str = "dockerfile") -> None:
        self.text, self.version = text, 1
        item = types.TextDocumentItem(self.uri, language, self.version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, text: str) -> None:
        self.text, self.version = text, self.version + 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def place(self, word: str) -> types.Position:
        before = self.text[: self.text.index(word)]
        line = before.rpartition("\n")[2]
        return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)

    async def actions(self, word: str, only: list[str] | None = None) -> list[types.CodeAction]:
        place = self.place(word)
        context = types.CodeActionContext([], only=only)
        document = types.TextDocumentIdentifier(self.uri)
        params = types.CodeActionParams(document, types.Range(place, place), context)
        found = await self.client.text_document_code_action_async(params)
        return [each for each in found or [] if isinstance(each, types.CodeAction)]

    async def hover(self, word: str) -> str:
        params = types.HoverParams(types.TextDocumentIdentifier(self.uri), self.place(word))
        found = await self.client.text_document_hover_async(params)
        return found.contents.value if found is not None and isinstance(found.contents, types.MarkupContent) else ""

    def apply(self, action: types.CodeAction) -> str:
        """The document after an action, as an editor makes it: positions in UTF-16, from the end to the start."""
        assert action.edit is not None
        if action.edit.document_changes:
            (change,) = action.edit.document_changes
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == self.version
            edits: list[Any] = list(change.edits)
        else:
            assert action.edit.changes is not None
            edits = list(action.edit.changes[self.uri])
        lines = self.text.encode("utf-16-le")
        starts = [0]
        for line in self.text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line.encode("utf-16-le")))

        def at(position: types.Position) -> int:
            return starts[position.line] + 2 * position.character

        for edit in sorted(edits, key=lambda each: at(each.range.start), reverse=True):
            lines = lines[: at(edit.range.start)] + edit.new_text.encode("utf-16-le") + lines[at(edit.range.end) :]
        return lines.decode("utf-16-le")


@asynccontextmanager
async def editor(folder: Path, *options: str, resolves: bool = True) -> AsyncIterator[Editor]:
    client = LanguageClient("test", "1")
    made = Editor(client, folder)
    await client.start_io(sys.executable, "-m", "dockslim", "lsp", *options)
    support = types.ClientCodeActionResolveOptions(["edit"]) if resolves else None
    document = types.TextDocumentClientCapabilities(
        code_action=types.CodeActionClientCapabilities(resolve_support=support)
    )
    workspace = types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=resolves)
    )
    capabilities = types.ClientCapabilities(text_document=document, workspace=workspace)
    params = types.InitializeParams(capabilities, process_id=None, root_uri=folder.as_uri())
    answer = await client.initialize_async(params)
    assert answer.capabilities.hover_provider
    assert answer.capabilities.document_formatting_provider is None  # formatting is not ours
    client.initialized(types.InitializedParams())
    try:
        yield made
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        server = client._server  # pygls has no other way to the process
        if server is not None:
            assert await asyncio.wait_for(server.wait(), 30) == 0
        await client.stop()


def session(folder: Path, test: Callable[[Editor], Awaitable[None]], *options: str, resolves: bool = True) -> None:
    async def go() -> None:
        async with editor(folder, *options, resolves=resolves) as made:
            await asyncio.wait_for(test(made), 60)

    asyncio.run(go())


SELECT = ("--select", "SLIM101,SLIM102,SLIM9")


def test_diagnostics_as_you_type(tmp_path: Path) -> None:
    async def test(editor: Editor) -> None:
        editor.open(SLIM)
        first, second = await editor.diagnostics()
        assert (first.code, second.code) == ("SLIM101", "SLIM102")
        assert first.source == "dockslim"
        assert first.severity is types.DiagnosticSeverity.Warning
        assert first.range.start == editor.place("gcc")  # an astral letter stands before it: two units
        assert first.range.end.character == first.range.start.character + 3
        for text in ("RUNN", "RUNN x", "RUNN x\n"):  # quick typing: the last state alone is told
            editor.type(SLIM + text)
        found = await editor.diagnostics()
        assert "SLIM900" in {each.code for each in found}
        editor.type("FROM scratch\n")
        assert await editor.diagnostics() == []
        document = types.TextDocumentIdentifier(editor.uri)
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(document))
        assert await editor.diagnostics() == []

    session(tmp_path, test, *SELECT)


@pytest.mark.parametrize("resolves", [True, False])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_code_actions(resolves: bool, newline: str, tmp_path: Path) -> None:
    async def test(editor: Editor) -> None:
        editor.open(SLIM.replace("\n", newline))
        await editor.diagnostics()
        actions = await editor.actions("gcc")
        by_kind = {(each.kind, each.title.split()[1]): each for each in actions}
        fix = by_kind["quickfix", next(word for kind, word in by_kind if kind == "quickfix" and word != "ignore")]
        assert fix.is_preferred
        assert [each.code for each in fix.diagnostics or []] == ["SLIM101"]
        fixed = editor.apply(fix)
        assert "AS builder" in fixed
        assert fixed.count(newline) == fixed.count("\n")
        every = by_kind["source.fixAll.dockslim", "apply"]
        if resolves:
            assert every.edit is None
            every = await editor.client.code_action_resolve_async(every)
        whole = editor.apply(every)
        assert "AS builder" in whole
        assert "# 日本 🐳" in whole
        ignore = by_kind["quickfix", "ignore"]
        assert f"# dockslim: ignore=SLIM101{newline}RUN apt-get update" in editor.apply(ignore)
        # The comment does what it says.
        editor.type(editor.apply(ignore))
        assert "SLIM101" not in {each.code for each in await editor.diagnostics()}
        # On save: asked for by its kind alone, the edit comes at once.
        editor.type(SLIM.replace("\n", newline))
        await editor.diagnostics()
        (only,) = await editor.actions("FROM", ["source.fixAll"])
        assert editor.apply(only) == whole
        editor.type(whole)
        assert await editor.diagnostics() == []
        assert await editor.actions("FROM", ["source.fixAll"]) == []

    session(tmp_path, test, *SELECT, resolves=resolves)


def test_hover(tmp_path: Path) -> None:
    async def test(editor: Editor) -> None:
        editor.open(SLIM.replace("libffi", "libpq"))
        await editor.diagnostics()
        gcc = await editor.hover("gcc")
        assert gcc.startswith("**gcc** on bookworm: build tool (")
        assert "about " in gcc
        assert " MB" in gcc
        assert "# SLIM101 build-tools-in-final-stage" in gcc
        assert "runtime: libpq5" in await editor.hover("libpq-dev")
        assert await editor.hover("FROM") == ""

    session(tmp_path, test, *SELECT)


@pytest.mark.parametrize("base", ["python:3.12-slim-bookworm", "ci.example/own:3"])
def test_hover_knows_the_packages_that_the_configuration_names(base: str, tmp_path: Path) -> None:
    config = tmp_path / "dockslim.toml"
    text = f"FROM {base}\nRUN apt-get update && apt-get install -y gcc libacme-dev acme-sdk\n"

    async def test(editor: Editor) -> None:
        editor.open(text)
        await editor.diagnostics()
        assert "build tool" in (await editor.hover("gcc")).splitlines()[0]
        assert "unknown" in (await editor.hover("acme-sdk")).splitlines()[0]
        config.write_text(
            '[known-packages]\nlibacme-dev = {role = "dev-header", runtime = ["libacme2"]}\n'
            'acme-sdk = "build-tool"\ngcc = "runtime"\n'
        )
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
        await editor.diagnostics()
        header = await editor.hover("libacme-dev")
        assert "development headers (the configuration says so)" in header.splitlines()[0]
        assert "runtime: libacme2" in header
        assert "build tool (the configuration says so)" in (await editor.hover("acme-sdk")).splitlines()[0]
        assert "build tool" not in (await editor.hover("gcc")).splitlines()[0]
        assert "SLIM101" not in await editor.hover("gcc")

    session(tmp_path, test)


def test_configuration(tmp_path: Path) -> None:
    async def test(editor: Editor) -> None:
        config = tmp_path / "dockslim.toml"
        config.write_text('select = ["SLIM102"]\n')
        editor.open(SLIM)
        assert [each.code for each in await editor.diagnostics()] == ["SLIM102"]
        config.write_text('selct = ["SLIM101"]\n')
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
        assert await editor.diagnostics() == []
        assert "unknown key 'selct'; did you mean select?" in editor.messages[0]
        config.write_text('select = ["SLIM101"]\n')
        document = types.TextDocumentIdentifier(editor.uri)
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(document))
        assert [each.code for each in await editor.diagnostics()] == ["SLIM101"]

    session(tmp_path, test)


def test_the_build_context_is_read(tmp_path: Path) -> None:
    async def test(editor: Editor) -> None:
        (tmp_path / "requirements.txt").write_text("cffi==1.17.1\npycparser==2.22\n")
        text = SLIM.replace(
            "RUN pip install cffi==1.17.1", "COPY requirements.txt .\nRUN pip install -r requirements.txt"
        )
        editor.open(text)
        await editor.diagnostics()
        assert any(each.is_preferred for each in await editor.actions("gcc"))

    session(tmp_path, test, *SELECT)


def test_what_is_no_dockerfile_is_left_alone(tmp_path: Path) -> None:
    async def test(editor: Editor) -> None:
        editor.uri = (tmp_path / "x.py").as_uri()
        editor.open(SLIM, "python")
        assert await editor.diagnostics() == []

    session(tmp_path, test)


def test_a_wrong_option_is_told_at_once(run: Any) -> None:
    result = run("lsp", "--select", "SLIM1O1")
    assert result.exit_code == 2
    assert "--select: no rule is called 'SLIM1O1'" in result.stderr
