// A line like `v: stödjer LR` becomes "**Vision** stödjer Lärarnas Riksförbund." when the line is left: parties as chips,
// speakers in bold. What is not certain is left as it was typed. What the line becomes is told in lines/statement.js; here it is
// done in the editors.
import { Plugin, pm } from "django-prose-editor/editor";
import { eachEditor } from "fvg/editor";
import { changes } from "fvg/lines/statement";

export function deskData() {
  const element = document.getElementById("desk-data");
  if (!element) return { phrases: [], slots: {}, parties: [] };
  // Read anew when the page has put something else there.
  if (deskData.source !== element.textContent) {
    deskData.source = element.textContent;
    deskData.read = JSON.parse(element.textContent);
  }
  return deskData.read;
}

// The words of a block, one character for each position in it.
export const wordsOf = (block) => block.textBetween(0, block.content.size, undefined, (leaf) => (leaf.type.name === "hardBreak" ? "\n" : "\ufffc"));

// The line that the caret stands in, as {from, to, text} in the document; nothing in headings and tables.
function lineOf(state) {
  const { $head, empty } = state.selection;
  if (!empty || $head.parent.type.name !== "paragraph") return null;
  for (let depth = $head.depth; depth > 0; depth -= 1) if ($head.node(depth).type.name === "table") return null;
  const words = wordsOf($head.parent);
  const begins = words.lastIndexOf("\n", $head.parentOffset - 1) + 1;
  const next = words.indexOf("\n", $head.parentOffset);
  const ends = next < 0 ? words.length : next;
  return { from: $head.start() + begins, to: $head.start() + ends, text: words.slice(begins, ends), at: $head.parentOffset - begins };
}

function expand(editor, refused, { atEnd }) {
  const { state, view } = editor;
  const line = lineOf(state);
  if (!line || refused.has(line.text) || (atEnd && line.text.slice(line.at).trim())) return;
  const edits = changes(line.text, deskData().parties);
  if (!edits) return;
  const { schema } = state;
  const marked = (from, to, types) => types.some((type) => type && state.doc.rangeHasMark(line.from + from, line.from + to, type));
  // What is in bold or a chip already was put there on purpose.
  if (marked(edits[0].from, edits[0].to, [schema.marks.bold, schema.marks.chip, schema.marks.link])) return;
  const nodes = [];
  let at = 0;
  const keep = (from, to) => from < to && state.doc.slice(line.from + from, line.from + to).content.forEach((child) => nodes.push(child));
  for (const { from, to, pieces } of edits) {
    if (from < to && marked(from, to, [schema.marks.chip, schema.marks.link])) continue;
    keep(at, from);
    const around = from === edits[0].from ? [] : state.doc.resolve(line.from + Math.min(from + 1, line.text.length)).marks();
    for (const { text, party, bold } of pieces) {
      let marks = around;
      if (bold) marks = schema.marks.bold.create().addToSet(marks);
      if (party) marks = schema.marks.chip.create({ "data-party": String(party) }).addToSet(marks);
      nodes.push(schema.text(text, marks));
    }
    at = to;
  }
  keep(at, line.text.length);
  const content = inlines(state, line, nodes);
  const tr = pm.history.closeHistory(state.tr).replaceWith(line.from, line.to, content);
  tr.setSelection(pm.state.TextSelection.create(tr.doc, line.from + content.size));
  tr.setStoredMarks([]);
  view.dispatch(tr);
  return line.text;
}

// Cut pieces of a line come as their paragraph: only what is in it counts.
function inlines(state, line, nodes) {
  const flat = [];
  const add = (node) => (node.isInline ? flat.push(node) : node.content.forEach(add));
  nodes.forEach(add);
  return pm.model.Fragment.fromArray(flat.reduce((all, node) => {
    const last = all.at(-1);
    if (last && last.isText && node.isText && last.sameMarkup(node)) all[all.length - 1] = last.withText(last.text + node.text);
    else all.push(node);
    return all;
  }, []));
}

eachEditor((editor) => {
  const refused = new Set(); // lines that were given back by Ctrl+Z: they stay as they were typed
  let last = null;
  const leave = (options) => {
    last = expand(editor, refused, options) || last;
  };
  editor.registerPlugin(new Plugin({
    props: {
      handleKeyDown: (view, event) => {
        const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey && !event.isComposing;
        if (event.key === "Enter" && plain && view.dom.getAttribute("aria-expanded") !== "true") leave({ atEnd: true });
        return false;
      },
    },
  }), (plugin, plugins) => [plugin, ...plugins]);
  editor.on("transaction", ({ transaction }) => {
    if (last !== null && transaction.docChanged && pm.history.isHistoryTransaction(transaction)) {
      const line = lineOf(editor.state);
      if (line && line.text === last) refused.add(last);
    }
  });
  // Away to a button or another field; another window is not away, the line may be half written.
  editor.on("blur", () => document.hasFocus() && leave({ atEnd: false }));
  // Before anybody else hears of it: what is saved then is the finished line.
  window.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && editor.isFocused) leave({ atEnd: false });
  }, true);
});
