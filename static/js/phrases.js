// `/` at the desk: a list of phrases at the caret, and after the choice a visit to each slot that the meeting's data could not
// fill. The focus stays in the text; the list is a combobox's. Whatever is not chosen stays as it was typed.
import { Plugin, pm } from "django-prose-editor/editor";
import { eachEditor } from "fvg/editor";
import { deskData, wordsOf } from "fvg/lines";
import { make, say } from "fvg/page";
import { choices, offered, SLOT } from "fvg/phrases/choices";

const SLASH = /(?:^|\s)\/(\p{L}{0,20})$/u;

// The list on the page

const list = make("ul", { class: "phrase-list", id: "phrase-list", role: "listbox", hidden: "" });
document.body.append(list);

let open = null; // {editor, options, active, choose}
let session = null; // the slots that are visited: {editor, slots, at, tr}
const escaped = new WeakMap(); // where Escape said that the slash is only a slash
let said = "";

function announce(words) {
  if (words !== said) say(words, "phrases");
  said = words;
}

function show(editor, at, options, label, choose, active = 0) {
  if (!options.length) return hide();
  const dom = editor.view.dom;
  if (open && open.editor !== editor) hide();
  if (!open) {
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "true"], ["aria-haspopup", "listbox"], ["aria-autocomplete", "list"], ["aria-controls", list.id]]) dom.setAttribute(name, value);
    dom.removeAttribute("aria-multiline");
  }
  open = { editor, options, choose, active: Math.min(active, options.length - 1) };
  list.setAttribute("aria-label", label);
  list.replaceChildren(...options.map((option, index) => {
    const row = make("li", { id: `phrase-option-${index}`, role: "option" });
    for (const [name, words] of [["phrase-label", option.label], ["phrase-words", option.words], ["phrase-hint", option.hint]]) {
      if (words) row.append(make("span", { class: name }, words), " ");
    }
    row.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays in the text
    row.addEventListener("click", () => choose(option));
    return row;
  }));
  list.hidden = false;
  place(editor.view.coordsAtPos(at));
  point(open.active);
  announce(`${label}: ${options.length === 1 ? "ett val" : `${options.length} val`}`);
}

// Under the caret, or above it when there is no room; never outside the window.
function place(caret) {
  const { width, height } = list.getBoundingClientRect();
  const below = caret.bottom + 4 + height <= window.innerHeight || caret.top - 4 < height;
  const left = Math.max(8, Math.min(caret.left, document.documentElement.clientWidth - width - 8));
  list.style.left = `${left + window.scrollX}px`;
  list.style.top = `${(below ? caret.bottom + 4 : caret.top - 4 - height) + window.scrollY}px`;
}

function point(index) {
  open.active = (index + open.options.length) % open.options.length;
  [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === open.active)));
  const row = list.children[open.active];
  open.editor.view.dom.setAttribute("aria-activedescendant", row.id);
  if (row.offsetTop < list.scrollTop) list.scrollTop = row.offsetTop;
  else if (row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = row.offsetTop + row.offsetHeight - list.clientHeight;
}

function hide() {
  if (!open) return;
  const dom = open.editor.view.dom;
  for (const name of ["aria-expanded", "aria-haspopup", "aria-autocomplete", "aria-controls", "aria-activedescendant"]) dom.removeAttribute(name);
  dom.setAttribute("role", "textbox");
  dom.setAttribute("aria-multiline", "true");
  open = null;
  said = "";
  list.hidden = true;
}

// Phrases

// The slash and what follows it before the caret, when it begins a word: {from, to, typed}.
function slash({ selection }) {
  const { $from, empty } = selection;
  if (!empty || !$from.parent.isTextblock) return null;
  const found = SLASH.exec(wordsOf($from.parent).slice(0, $from.parentOffset));
  return found && { from: $from.pos - found[1].length - 1, to: $from.pos, typed: found[1] };
}

function offer(editor, found, active) {
  const options = offered(deskData().phrases, found.typed);
  show(editor, found.from, options, "Fraser", (option) => insert(editor, option.phrase), active);
}

function insert(editor, phrase) {
  const found = slash(editor.state);
  hide();
  if (!found) return;
  const { state, view } = editor;
  const body = new DOMParser().parseFromString(phrase.html, "text/html").body;
  const doc = pm.model.DOMParser.fromSchema(state.schema).parse(body);
  const line = doc.childCount === 1 && doc.firstChild.type.name === "paragraph";
  const tr = pm.history.closeHistory(state.tr); // one Ctrl+Z takes the phrase back
  if (line) tr.replaceWith(found.from, found.to, doc.firstChild.content);
  else tr.replaceRange(found.from, found.to, pm.model.Slice.maxOpen(doc.content));
  let end = tr.mapping.map(found.to);
  const slots = [];
  tr.doc.nodesBetween(found.from, end, (node, pos) => {
    if (!node.isText) return;
    for (const match of node.text.matchAll(SLOT)) {
      const from = pos + match.index;
      if (from >= found.from && from + match[0].length <= end) slots.push({ name: match[1], from, to: from + match[0].length });
    }
  });
  for (const { name, from, to } of slots) tr.insertText(`[${name}]`, from, to); // as long as it was
  // A phrase that stops in the middle of a sentence is written on.
  if (line && !/[.?!:;…]$/u.test(doc.textContent)) {
    tr.insertText(" ", end);
    end += 1;
  }
  tr.setSelection(pm.state.TextSelection.near(tr.doc.resolve(end), -1));
  view.dispatch(tr.scrollIntoView());
  if (slots.length) {
    session = { editor, slots: [...slots, { name: "", from: end, to: end }], at: -1, tr };
    next();
  }
}

// Slots

const slotNow = () => session.slots[session.at];

// Select the next slot; after the last one, go to the end of the phrase.
function next() {
  hide();
  session.at += 1;
  const { editor, tr } = session;
  const slot = slotNow();
  session.busy = true;
  const move = editor.state.tr.setSelection(pm.state.TextSelection.create(editor.state.doc, slot.from, slot.to)).scrollIntoView();
  editor.view.dispatch(move.setMeta("appendedTransaction", tr));
  session.busy = false;
  if (!slot.name) session = null;
  else ask();
}

// What has been typed in the slot's place; nothing while it stands there itself.
function typedIn(slot) {
  const words = session.editor.state.doc.textBetween(slot.from, slot.to);
  return words === `[${slot.name}]` ? "" : words;
}

function ask(active) {
  const { slots, parties } = deskData();
  const slot = slotNow();
  const options = choices(slot.name, slots, parties, typedIn(slot));
  show(session.editor, slot.from, options, `Fyll i ${slot.name}`, fillIn, active);
  if (!options.length && !typedIn(slot)) announce(`Skriv ${slot.name}`);
}

function fillIn(choice) {
  const { editor, tr } = session;
  const { from, to } = slotNow();
  if (!choice.kept) {
    const { state } = editor;
    const $from = state.doc.resolve(from);
    const before = wordsOf($from.parent).slice(0, $from.parentOffset);
    const opens = !before.trim() || /[.?!]\s+$|\n$/.test(before);
    const chip = state.schema.marks.chip;
    let marks = state.doc.resolve(Math.min(from + 1, to)).marks().filter((mark) => mark.type !== chip);
    if (choice.party) marks = chip.create({ "data-party": choice.party }).addToSet(marks);
    if (choice.ref) marks = chip.create({ "data-ref": choice.ref }).addToSet(marks);
    const words = opens && !choice.party ? choice.words.charAt(0).toLocaleUpperCase("sv") + choice.words.slice(1) : choice.words;
    session.busy = true;
    // One with the phrase, for Ctrl+Z.
    editor.view.dispatch(state.tr.replaceWith(from, to, state.schema.text(words, marks)).setMeta("appendedTransaction", tr));
    session.busy = false;
  }
  next();
}

function stop() {
  session = null;
  hide();
}

// Positions follow what is typed: into the slot that is visited, and beside the others.
function follow({ mapping }) {
  session.slots.forEach((slot, at) => {
    const here = at === session.at;
    const end = slot.name === "";
    slot.from = mapping.map(slot.from, here && !end ? -1 : 1);
    slot.to = Math.max(slot.from, mapping.map(slot.to, here || end ? 1 : -1));
  });
}

// The keys

function keyed(editor, event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
  const listed = open && open.editor === editor;
  const visited = session && session.editor === editor;
  if (!listed && !visited) return false;
  if (event.key === "Escape") {
    event.stopPropagation();
    if (visited) {
      const { to } = slotNow();
      stop();
      editor.commands.setTextSelection(to);
    } else {
      escaped.set(editor, slash(editor.state).from);
      hide();
    }
    return true;
  }
  if (listed && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    point(open.active + (event.key === "ArrowDown" ? 1 : -1));
    return true;
  }
  if (event.key !== "Enter" && event.key !== "Tab") return false;
  if (listed) open.choose(open.options[open.active]);
  else next();
  return true;
}

eachEditor((editor) => {
  editor.registerPlugin(new Plugin({
    props: {
      handleKeyDown: (view, event) => keyed(editor, event),
      // What is typed in a slot belongs to the phrase, for Ctrl+Z.
      handleTextInput: (view, from, to, text) => {
        if (!session || session.editor !== editor || view.composing) return false;
        view.dispatch(view.state.tr.insertText(text, from, to).setMeta("appendedTransaction", session.tr).scrollIntoView());
        return true;
      },
    },
  }), (plugin, plugins) => [plugin, ...plugins]);
  editor.on("transaction", ({ transaction }) => {
    if (session && session.editor === editor) {
      follow(transaction);
      if (session.busy) return;
      const { from, to } = editor.state.selection;
      const slot = slotNow();
      if (pm.history.isHistoryTransaction(transaction) || from < slot.from || to > slot.to) stop();
      else if (transaction.docChanged) ask();
      return;
    }
    const found = slash(editor.state);
    if (!found) {
      if (open && open.editor === editor) hide();
      escaped.delete(editor);
    } else if (open && open.editor === editor) {
      offer(editor, found);
    } else if (transaction.docChanged && editor.isFocused && !pm.history.isHistoryTransaction(transaction) && escaped.get(editor) !== found.from) {
      offer(editor, found);
    }
  });
  editor.on("blur", () => {
    if (open && open.editor === editor) hide();
    if (session && session.editor === editor) session = null;
  });
  editor.on("destroy", () => {
    if (open && open.editor === editor) hide();
    if (session && session.editor === editor) session = null;
  });
});
