// The text as it stands in a form, in the editor or in the plain field: read as it is sent, and put there with the caret where it
// was.
import { paragraphs, wordsOf } from "fvg/autosave/words";

export class FormText {
  constructor(form) {
    this.form = form;
    this.putting = false; // what the form hears meanwhile is nobody's typing
  }

  get version() { return this.form.elements.version.value; }
  set version(value) { this.form.elements.version.value = value; }
  get area() { return this.form.querySelector("textarea[name=text]"); }

  fields() {
    const fields = Object.fromEntries(new FormData(this.form));
    delete fields.csrfmiddlewaretoken;
    fields.by = this.form.dataset.autosave; // whoever has logged in here since then does not sign for it
    return fields;
  }

  put({ text, html, outcome }) {
    const { area } = this;
    this.putting = true;
    if (area.editor) {
      const { doc: old, selection: { from, to } } = area.editor.state;
      // Not a step of one's own: Ctrl+Z must not bring back what somebody else has changed since.
      area.editor.chain().setMeta("addToHistory", false).setContent(html).run();
      const moved = follower(old.content, area.editor.state.doc.content);
      area.editor.commands.setTextSelection({ from: moved(from), to: moved(to) });
      area.value = area.editor.isEmpty ? "" : area.editor.getHTML();
    } else {
      area.value = text;
      area.dataset.html = html;
    }
    if (outcome !== undefined && this.form.elements.outcome) this.form.elements.outcome.value = outcome;
    this.putting = false;
  }

  // Fields as the form had them once, on the version that they were written from.
  putBack(fields) {
    const html = fields.text_format === "html";
    this.version = fields.version;
    this.put({
      text: html ? wordsOf(fields.text) : fields.text,
      html: html ? fields.text : paragraphs(fields.text),
      outcome: fields.outcome,
    });
  }
}

// Where a place of the old text is in the new: what somebody has written before it moves it along. Both are fragments of the
// editor's.
export function follower(old, now) {
  const start = old.findDiffStart(now);
  if (start === null) return (place) => place;
  const end = old.findDiffEnd(now);
  const moved = (place) => (place <= start ? place : place >= end.a ? place + end.b - end.a : Math.min(place, end.b));
  return (place) => Math.min(Math.max(moved(place), 0), now.size);
}
