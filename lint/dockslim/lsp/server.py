"""The language server itself: pygls on one side, judged documents on the other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any  # pygls reads the annotations of what it calls

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from dockslim import __version__
from dockslim.engine.discovery import is_dockerfile
from dockslim.engine.finding import Finding, Severity
from dockslim.engine.selection import SelectorError
from dockslim.engine.session import Choices, Session
from dockslim.engine.settings import ConfigurationError
from dockslim.knowledge.declared import in_force
from dockslim.lsp.hover import hover
from dockslim.lsp.judged import Judged, changed_lines, silencing
from dockslim.lsp.text import Text
from dockslim.rewrite.edits import Edit, Fix, Safety
from dockslim.syntax.span import Span

__all__ = ["Server", "make"]

#: Seconds without a keystroke before a document is judged.
PAUSE = 0.15
FIX_ALL = "source.fixAll.dockslim"
LANGUAGES = ("dockerfile", "containerfile", "docker")
SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


class Server(LanguageServer):
    """One editor's server.  ``choices`` are those of the command line."""

    def __init__(self, choices: Choices) -> None:
        super().__init__("dockslim", __version__)
        self.choices = choices
        self._judged: dict[str, tuple[str, Judged]] = {}
        self._troubles: dict[str, str] = {}

    def judged(self, uri: str) -> Judged | None:
        """A document's judgement, made anew only where its text has changed; None for what is no Dockerfile."""
        document = self.workspace.get_text_document(uri)
        path = _path(document)
        if document.language_id not in LANGUAGES and not is_dockerfile(path.name):
            return None
        known = self._judged.get(uri)
        if known is not None and known[0] == document.source:
            return known[1]
        try:
            judged = Judged(Session([], self.choices), path, document.source)
        except (ConfigurationError, SelectorError, ValueError) as error:
            self._trouble(uri, str(error))
            return None
        self._troubles.pop(uri, None)
        self._judged[uri] = (document.source, judged)
        return judged

    def forget(self, uri: str | None = None) -> None:
        """Judge a document (or all) anew, though its text is the same: its configuration or context may not be."""
        if uri is None:
            self._judged.clear()
        else:
            self._judged.pop(uri, None)

    def publish(self, uri: str) -> None:
        """Tell the editor what is found in a document."""
        document = self.workspace.get_text_document(uri)
        judged = self.judged(uri)
        text = self.text(uri)
        diagnostics = [self.diagnostic(each, text, uri) for each in judged.findings] if judged is not None else []
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, version=document.version, diagnostics=diagnostics)
        )

    def text(self, uri: str) -> Text:
        """A document's text, in the units that the editor counts in."""
        encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        return Text(self.workspace.get_text_document(uri).source, types.PositionEncodingKind(encoding).value)

    def diagnostic(self, finding: Finding, text: Text, uri: str) -> types.Diagnostic:
        """A finding as the editor shows it."""
        related = [
            types.DiagnosticRelatedInformation(types.Location(uri, range_of(each.span, text)), each.message)
            for each in finding.annotations
        ]
        return types.Diagnostic(
            range=range_of(finding.span, text),
            message=finding.message + (f"\n{finding.help}" if finding.help else ""),
            severity=SEVERITIES[finding.severity],
            code=finding.code,
            source="dockslim",
            related_information=related or None,
        )

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about a range: each fix that touches it, all safe fixes, a comment that silences."""
        uri = params.text_document.uri
        judged = self.judged(uri)
        if judged is None:
            return []
        text = self.text(uri)
        only = params.context.only

        def wanted(kind: str) -> bool:
            return only is None or any(kind == each or kind.startswith(f"{each}.") for each in only)

        start = text.offset(params.range.start.line, params.range.start.character)
        end = text.offset(params.range.end.line, params.range.end.character)
        here = judged.at(start, end)
        actions: list[types.CodeAction] = []
        if wanted("quickfix"):
            actions.extend(self._fixes(judged, here, uri, text))
        safe = any(isinstance(each.fix, Fix) and each.fix.safety is Safety.SAFE for each in judged.findings)
        if safe and wanted(FIX_ALL):
            action = types.CodeAction(title="dockslim: apply all safe fixes", kind=FIX_ALL)
            if self._resolves() and only is None:
                action.data = {"uri": uri}
                actions.append(action)
            elif self.complete(action, uri):
                actions.append(action)
        if wanted("quickfix"):
            actions.extend(self._silencing(judged, here, uri, text))
        return actions

    def complete(self, action: types.CodeAction, uri: str) -> bool:
        """Give "apply all" its edit; whether there is one."""
        judged = self.judged(uri)
        if judged is None:
            return False
        edits = changed_lines(judged.text, judged.whole())
        action.edit = self._edit(uri, edits, self.text(uri))
        return bool(edits)

    def _fixes(self, judged: Judged, here: Any, uri: str, text: Text) -> list[types.CodeAction]:
        by_id: dict[str, list[Finding]] = {}
        for finding in here:
            if isinstance(finding.fix, Fix):
                by_id.setdefault(finding.fix.id, []).append(finding)
        actions = []
        for findings in by_id.values():
            offer = findings[0].fix
            if not isinstance(offer, Fix) or not judged.may_apply(offer):
                continue
            safe = offer.safety is Safety.SAFE
            actions.append(
                types.CodeAction(
                    title=f"dockslim: {offer.title}" + ("" if safe else " (unsafe: have a look)"),
                    kind="quickfix",
                    diagnostics=[self.diagnostic(each, text, uri) for each in findings],
                    is_preferred=safe or None,
                    edit=self._edit(uri, judged.edits(offer), text),
                )
            )
        return actions

    def _silencing(self, judged: Judged, here: Any, uri: str, text: Text) -> list[types.CodeAction]:
        actions = []
        for code, finding in {each.code: each for each in here}.items():
            comment = silencing(finding, judged.text)
            if comment is not None:
                actions.append(
                    types.CodeAction(
                        title=f"dockslim: ignore {code} here",
                        kind="quickfix",
                        diagnostics=[self.diagnostic(finding, text, uri)],
                        edit=self._edit(uri, [comment], text),
                    )
                )
        return actions

    def _edit(self, uri: str, edits: list[Edit], text: Text) -> types.WorkspaceEdit:
        changes = [types.TextEdit(range_of(edit.span, text), edit.text) for edit in edits]
        capabilities = self.client_capabilities.workspace
        edit = capabilities.workspace_edit if capabilities is not None else None
        if edit is not None and edit.document_changes:
            version = self.workspace.get_text_document(uri).version
            place = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
            return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(place, list(changes))])
        return types.WorkspaceEdit(changes={uri: changes})

    def _resolves(self) -> bool:
        document = self.client_capabilities.text_document
        action = document.code_action if document is not None else None
        support = action.resolve_support if action is not None else None
        return support is not None and "edit" in support.properties

    def _trouble(self, uri: str, message: str) -> None:
        """Say once what keeps a document from being judged."""
        self._judged.pop(uri, None)
        if self._troubles.get(uri) != message:
            self._troubles[uri] = message
            shown = types.ShowMessageParams(types.MessageType.Error, f"dockslim: {message}")
            self.window_show_message(shown)


def range_of(span: Span, text: Text) -> types.Range:
    """A span as the editor counts."""
    start, end = text.position(span.start), text.position(span.end)
    return types.Range(types.Position(*start), types.Position(*end))


def _path(document: TextDocument) -> Path:
    place = to_fs_path(document.uri) if document.uri.startswith("file:") else None
    return Path(place) if place else Path("Dockerfile").absolute()


def make(choices: Choices) -> Server:
    """A server that answers."""
    server = Server(choices)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(server: Server, params: types.DidOpenTextDocumentParams) -> None:
        server.publish(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(server: Server, params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        version = server.workspace.get_text_document(uri).version
        await asyncio.sleep(PAUSE)
        known = server.workspace.text_documents.get(uri)
        if known is not None and known.version == version:  # else a later change, or the end, will tell
            server.publish(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(server: Server, params: types.DidSaveTextDocumentParams) -> None:
        server.forget(params.text_document.uri)
        server.publish(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(server: Server, params: types.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)
        nothing = types.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
        server.text_document_publish_diagnostics(nothing)

    def all_anew(server: Server, params: Any) -> None:
        server.forget()
        for uri in list(server.workspace.text_documents):
            server.publish(uri)

    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(all_anew)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(all_anew)

    kinds = types.CodeActionOptions(code_action_kinds=["quickfix", FIX_ALL], resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def code_actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        return server.actions(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    def resolved(server: Server, action: types.CodeAction) -> types.CodeAction:
        if isinstance(action.data, dict) and "uri" in action.data:
            server.complete(action, action.data["uri"])
        return action

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(server: Server, params: types.HoverParams) -> types.Hover | None:
        uri = params.text_document.uri
        judged = server.judged(uri)
        if judged is None:
            return None
        text = server.text(uri)
        offset = text.offset(params.position.line, params.position.character)
        linter = judged.work.linter
        with in_force(getattr(linter, "packages", {})):
            told = hover(judged.facts, judged.findings, linter.rules, offset)
        if told is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, told[0])
        return types.Hover(content, range_of(told[1], text))

    return server
