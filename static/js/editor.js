// Puts the rich editor (Tiptap, from django-prose-editor) in the place of every textarea[data-editor]. It posts HTML under the same name
// together with <name>_format=html. Without this script, or when it fails, the textarea with the plain form does the work.
import {
  Bold, BulletList, Document, Editor, Gapcursor, HardBreak, Heading, History, Link, ListItem, Mark, OrderedList, Paragraph, Table,
  TableCell, TableHeader, TableRow, Text,
} from "django-prose-editor/editor";
import { make } from "fvg/page";
import { pasteProps } from "fvg/paste";

// Party chips and references to §§: words with an id, kept as they are.
const Chip = Mark.create({
  name: "chip",
  inclusive: false,
  addAttributes: () => ({ "data-party": { default: null }, "data-ref": { default: null } }),
  parseHTML: () => [{ tag: "span[data-party]" }, { tag: "span[data-ref]" }],
  renderHTML: ({ HTMLAttributes }) => ["span", { ...HTMLAttributes, class: "chip" }, 0],
});

const LinkWithKey = Link.extend({ addKeyboardShortcuts: () => ({ "Mod-Alt-k": ({ editor }) => (askForLink(editor), true) }) });

const EXTENSIONS = [
  Document, Paragraph, Text, HardBreak, Bold, Heading.configure({ levels: [2, 3] }), BulletList, OrderedList, ListItem, History, Gapcursor,
  LinkWithKey.configure({ openOnClick: false, autolink: false, defaultProtocol: "https", protocols: ["mailto"] }),
  Table.configure({ resizable: false }), TableRow, TableHeader, TableCell, Chip,
];

const inTable = (editor) => editor.isActive("table");

// name, words on the button, title, what it does, when it is pressed, when it is shown
const TOOLS = [
  ["bold", "Fet", "Fet (Ctrl+B)", (chain) => chain.toggleBold(), (editor) => editor.isActive("bold")],
  ["bullets", "Punkter", "Punktlista (Ctrl+Skift+8)", (chain) => chain.toggleBulletList(), (editor) => editor.isActive("bulletList")],
  ["numbers", "Nummer", "Numrerad lista (Ctrl+Skift+7)", (chain) => chain.toggleOrderedList(), (editor) => editor.isActive("orderedList")],
  ["heading", "Rubrik", "Rubrik", (chain) => chain.toggleHeading({ level: 2 }), (editor) => editor.isActive("heading", { level: 2 })],
  ["subheading", "Underrubrik", "Underrubrik", (chain) => chain.toggleHeading({ level: 3 }), (editor) => editor.isActive("heading", { level: 3 })],
  ["link", "Länk", "Länk (Ctrl+Alt+K)", null, (editor) => editor.isActive("link")],
  ["table", "Tabell", "Infoga tabell", (chain) => chain.insertTable({ rows: 3, cols: 2, withHeaderRow: true }), null, (editor) => !inTable(editor)],
  ["row", "+ Rad", "Ny rad under", (chain) => chain.addRowAfter(), null, inTable],
  ["column", "+ Kolumn", "Ny kolumn till höger", (chain) => chain.addColumnAfter(), null, inTable],
  ["no-row", "− Rad", "Ta bort raden", (chain) => chain.deleteRow(), null, inTable],
  ["no-column", "− Kolumn", "Ta bort kolumnen", (chain) => chain.deleteColumn(), null, inTable],
  ["no-table", "− Tabell", "Ta bort tabellen", (chain) => chain.deleteTable(), null, inTable],
  ["undo", "↶", "Ångra (Ctrl+Z)", (chain) => chain.undo()],
  ["redo", "↷", "Gör om (Ctrl+Skift+Z)", (chain) => chain.redo()],
];

// One dialog for all links of the page.
let dialog = null;

function askForLink(editor) {
  if (!dialog) {
    const input = make("input", { id: "editor-link", type: "text", inputmode: "url", autocomplete: "off", spellcheck: "false" });
    dialog = make(
      "dialog", { class: "dialog", "aria-labelledby": "editor-link-title" },
      make("h2", { id: "editor-link-title" }, "Länk"),
      make(
        "form", { method: "dialog" },
        make("div", { class: "field" }, make("label", { for: "editor-link" }, "Adress"),
          make("p", { class: "hint" }, "En webbadress (https://…) eller en e-postadress."), input),
        make("div", { class: "button-row" },
          make("button", { class: "button", value: "save" }, "Använd"),
          make("button", { class: "button button--secondary", value: "remove" }, "Ta bort länken"),
          make("button", { class: "button button--quiet", value: "cancel", formnovalidate: "" }, "Avbryt")),
      ),
    );
    document.body.append(dialog);
  }
  const input = dialog.querySelector("input");
  input.value = (editor.getAttributes("link").href || "").replace(/^mailto:/, "");
  dialog.returnValue = "cancel"; // what Escape means
  dialog.onclose = () => {
    const chain = editor.chain().focus().extendMarkRange("link");
    const address = input.value.trim();
    if (dialog.returnValue === "remove" || (dialog.returnValue === "save" && !address)) chain.unsetLink().run();
    else if (dialog.returnValue === "save") {
      const href = /^[^\s@/]+@[^\s@/]+$/.test(address) ? `mailto:${address}` : /^(https?:|mailto:)/i.test(address) ? address : `https://${address}`;
      if (editor.state.selection.empty && !editor.isActive("link")) {
        editor.chain().focus().insertContent({ type: "text", text: address, marks: [{ type: "link", attrs: { href } }] }).run();
      } else chain.setLink({ href }).run();
    } else editor.commands.focus();
  };
  dialog.showModal();
}

function toolbarFor(editor, name, controls) {
  const bar = make("div", { class: "editor-toolbar", role: "toolbar", "aria-label": `Formatering, ${name}`, "aria-controls": controls });
  const buttons = TOOLS.map(([key, words, title, command, pressed, shown]) => {
    const button = make("button", { type: "button", class: "editor-tool", "data-tool": key, title, tabindex: "-1" }, words);
    if (words !== title.split(" (")[0]) button.setAttribute("aria-label", title.split(" (")[0]);
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays where it is
    button.addEventListener("click", () => (command ? command(editor.chain().focus()).run() : askForLink(editor)));
    bar.append(button);
    return { button, pressed, shown };
  });
  // One stop for Tab; the arrow keys go between the buttons.
  const visible = () => buttons.map((one) => one.button).filter((button) => !button.hidden);
  bar.addEventListener("keydown", (event) => {
    const all = visible();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    all.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  });
  const show = () => {
    for (const { button, pressed, shown } of buttons) {
      if (pressed) button.setAttribute("aria-pressed", String(pressed(editor)));
      if (shown) button.hidden = !shown(editor);
    }
    const all = visible();
    if (!all.some((button) => button.tabIndex === 0)) all[0].tabIndex = 0;
    for (const { button } of buttons) if (button.hidden) button.tabIndex = -1;
  };
  editor.on("transaction", show);
  show();
  return bar;
}

function upgrade(textarea) {
  const label = document.querySelector(`label[for="${CSS.escape(textarea.id)}"]`);
  if (label && !label.id) label.id = `${textarea.id}-label`;
  const attributes = { class: "editor-text", id: `${textarea.id}-editor`, role: "textbox", "aria-multiline": "true", lang: "sv", spellcheck: "true", translate: "yes" };
  if (label) attributes["aria-labelledby"] = label.id;
  else attributes["aria-label"] = textarea.getAttribute("aria-label") || "Text";
  for (const name of ["aria-describedby", "aria-invalid"]) if (textarea.hasAttribute(name)) attributes[name] = textarea.getAttribute(name);

  const box = make("div", { class: "editor" });
  const editor = new Editor({
    element: box,
    extensions: EXTENSIONS,
    injectCSS: true,
    editable: !textarea.disabled && !textarea.readOnly,
    content: textarea.dataset.html || "",
    editorProps: { attributes, ...pasteProps },
    enablePasteRules: false, // a pasted **word** and a pasted address stay the words they are
    onUpdate: () => {
      textarea.value = editor.isEmpty ? "" : editor.getHTML();
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
  box.prepend(toolbarFor(editor, label ? label.textContent.trim() : "text", attributes.id));
  textarea.after(box);
  textarea.value = editor.isEmpty ? "" : editor.getHTML();
  textarea.after(make("input", { type: "hidden", name: `${textarea.name}_format`, value: "html" }));
  textarea.hidden = true;
  textarea.required = false; // the browser cannot point at a field that is not shown; the server asks for it
  textarea.focus = () => editor.commands.focus();
  textarea.editor = editor;
  for (const callback of callbacks) callback(editor, textarea);
  if (label) label.addEventListener("click", (event) => (event.preventDefault(), editor.commands.focus()));
}

const callbacks = [];

// Calls callback(editor, textarea) for every editor of the page, those that come later too.
export function eachEditor(callback) {
  callbacks.push(callback);
  for (const textarea of document.querySelectorAll("textarea[data-editor]")) if (textarea.editor) callback(textarea.editor, textarea);
}

export function upgradeAll(root = document) {
  for (const textarea of root.querySelectorAll("textarea[data-editor]")) {
    if (textarea.editor || textarea.closest("[hidden]")) continue; // what is not shown gets its editor when it is
    try {
      upgrade(textarea);
    } catch (error) {
      textarea.hidden = false; // the plain textarea does the work
      console.error(error);
    }
  }
}

upgradeAll();
