// <script-editor>: a Python editor around the textarea it holds. The textarea stays the form's
// field, so that the page works without this script too. The editor lives in a shadow root, where
// its styles are constructed sheets: the content security policy forbids <style> elements.
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import {
  bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

// Colours are custom properties of app.css, so that light and dark need no second theme.
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.function(tags.variableName), tags.definition(tags.variableName)], color: "var(--code-name)" },
  { tag: [tags.className, tags.typeName, tags.meta], color: "var(--code-type)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "13px", color: "var(--tblr-body-color)", maxHeight: "70vh" },
  "&.cm-focused": { outline: "2px solid var(--tblr-primary)" },
  ".cm-scroller": { fontFamily: "var(--tblr-font-monospace)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { caretColor: "var(--tblr-body-color)" },
  ".cm-cursor": { borderLeftColor: "var(--tblr-body-color)" },
  ".cm-gutters": {
    backgroundColor: "transparent", color: "var(--tblr-secondary)", borderRight: "1px solid var(--tblr-border-color)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-active-line)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": {
    backgroundColor: "var(--code-selection) !important",
  },
  ".cm-panels": { backgroundColor: "var(--tblr-bg-surface-secondary)", color: "var(--tblr-body-color)" },
  ".cm-tooltip": {
    backgroundColor: "var(--tblr-bg-surface)", border: "1px solid var(--tblr-border-color)", color: "var(--tblr-body-color)",
  },
  ".cm-foldPlaceholder": { backgroundColor: "transparent", color: "var(--tblr-secondary)" },
});

class ScriptEditor extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("textarea");
    this.saved = this.field.value;
    this.field.hidden = true;
    const root = this.attachShadow({ mode: "open" });
    this.view = new EditorView({ root, parent: root, state: this.startState() });
    this.warn = (event) => { if (this.isChanged) event.preventDefault(); };
    window.addEventListener("beforeunload", this.warn);
    this.field.form.addEventListener("submit", () => window.removeEventListener("beforeunload", this.warn));
    this.showError();
  }

  disconnectedCallback() {
    window.removeEventListener("beforeunload", this.warn);
    this.view.destroy();
  }

  get isChanged() { return this.field.value !== this.saved; }

  startState() {
    const save = () => { this.field.form.requestSubmit(); return true; };
    return EditorState.create({
      doc: this.field.value,
      extensions: [
        lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), indentOnInput(),
        indentUnit.of("    "), bracketMatching(), closeBrackets(), highlightActiveLine(),
        highlightActiveLineGutter(), highlightSelectionMatches(), search({ top: true }), python(),
        syntaxHighlighting(colours), look,
        EditorView.contentAttributes.of({ "aria-label": this.field.getAttribute("aria-label") }),
        EditorView.updateListener.of((update) => this.mirror(update)),
        keymap.of([
          { key: "Mod-s", run: save, preventDefault: true },
          ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, indentWithTab,
        ]),
      ],
    });
  }

  mirror(update) {
    if (!update.docChanged) return;
    this.field.value = update.state.doc.toString();
    const mark = document.querySelector("[data-unsaved]");
    if (mark) mark.hidden = !this.isChanged;
  }

  /** The server's syntax error, at its line. */
  showError() {
    const number = Number(this.dataset.errorLine);
    if (!number || number > this.view.state.doc.lines) return;
    this.saved = null;
    const line = this.view.state.doc.line(number);
    const diagnostic = { from: line.from, to: line.to, severity: "error", message: this.dataset.error };
    this.view.dispatch(setDiagnostics(this.view.state, [diagnostic]));
    this.view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    this.view.focus();
  }
}

customElements.define("script-editor", ScriptEditor);
