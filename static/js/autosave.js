// Saves every form[data-autosave] while one types: register(form) for one that comes later, flush() to save what is left now. "Sparat" is said only when the server has answered after its commit; until then the text
// is kept in the page and in sessionStorage, by person, address and the version it was written from. Never more than one request a form.
import { make, post, say } from "fvg/page";

const PAUSE = 500;
const AT_LEAST_EVERY = 3000;
const WAITS = [1000, 2000, 4000, 8000, 15000, 30000];
const MOST_JOINS = 20;
const RANK = ["saved", "saving", "dirty", "failed", "paused"];

const bar = document.getElementById("save-status");
export const forms = [];
let leaving = false;
let announced = "saved"; // what stands there from the beginning is no news

function keep(action) {
  try {
    return action(window.sessionStorage);
  } catch {
    return null; // storage that is full or forbidden must not stop the saving
  }
}

class AutosavedForm {
  constructor(form) {
    this.form = form;
    this.born = Date.now();
    this.status = form.querySelector("[data-save-status]");
    this.state = this.status.dataset.state || "";
    this.changed = false; // something to send since the last time
    this.written = false; // and it is the text, not only the mark that it is finished
    this.sent = null; // what is on its way, or was sent without an answer
    this.busy = false;
    this.failures = 0;
    this.stopped = false; // waits for the person: a conflict, or a meeting that is locked
    this.since = 0;
    this.timer = 0;
    this.notice = null;
    this.keptNotice = null;
    this.joining = null; // the other's text that is in what is being sent
    this.wanted = false; // one has said that both texts are to stand
    this.joins = 0; // times in a row that two texts have been put together
    this.asked = Promise.resolve();
    form.autocomplete = "off";
    form.addEventListener("input", () => this.touched());
    form.addEventListener("change", () => this.touched());
    form.addEventListener("submit", (event) => this.submitted(event));
    this.setAside();
    this.offerKept();
  }

  get version() { return this.form.elements.version.value; }
  set version(value) { this.form.elements.version.value = value; }
  get clean() { return !this.changed && !this.sent; }
  get row() { return this.form.dataset.row; }
  get area() { return this.form.querySelector("textarea[name=text]"); }
  get doneInput() { return this.form.querySelector("input[name=done]"); }
  get phrase() { return this.form.parentElement.querySelector("[data-phrase]"); }
  get prefix() { return `draft:${this.form.dataset.autosave}:${this.form.getAttribute("action")}:`; }
  get keptPrefix() { return `draft:kept:${this.form.dataset.autosave}:${this.form.getAttribute("action")}:`; }

  fields() {
    const fields = Object.fromEntries(new FormData(this.form));
    delete fields.csrfmiddlewaretoken;
    fields.by = this.form.dataset.autosave; // whoever has logged in here since then does not sign for it
    return fields;
  }

  // What the person sees

  say(state, words) {
    this.state = state;
    this.status.hidden = false;
    this.status.dataset.state = state;
    this.status.textContent = words;
    tellAll();
  }

  show(title, ...parts) {
    this.hideNotice();
    this.notice = make("div", { class: "notice notice--warning" }, make("p", { class: "notice-title" }, title), ...parts);
    this.form.querySelector(".text-form-end").after(this.notice);
  }

  hideNotice() {
    if (this.notice) this.notice.remove();
    this.notice = this.joined = null;
  }

  // Typing

  touched(text = true) {
    if (this.putting) return;
    if (!this.changed) this.since = Date.now();
    this.changed = true;
    this.written ||= text;
    if (this.phrase) this.phrase.hidden = Boolean(this.area.value.trim());
    this.store(this.fields());
    if (this.refusal) this.refusal = this.refusal.remove();
    if (this.stopped) return;
    if (this.state !== "failed") this.say("dirty", "Osparade ändringar");
    if (!this.busy && !this.failures) this.in(Math.max(0, Math.min(PAUSE, this.since + AT_LEAST_EVERY - Date.now())));
  }

  in(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), milliseconds);
  }

  // Sending

  send() {
    clearTimeout(this.timer);
    if (this.busy || this.stopped || this.clean) return this.asked;
    this.busy = true;
    // A text whose answer was lost is asked for again, word for word, before anything newer: the server knows it again.
    if (!this.sent) {
      this.sent = this.fields();
      // A text that nobody has touched here is not sent: it may be older than the one that stands.
      if (!this.written) for (const name of ["text", "text_format", "outcome"]) delete this.sent[name];
      this.changed = this.written = false;
      this.since = Date.now();
    }
    if (this.state !== "failed") this.say("saving", "Sparar …");
    this.asked = post(this.form.getAttribute("action"), this.sent).then((answer) => this.answered(answer), () => this.failed());
    return this.asked;
  }

  async answered({ status, data }) {
    this.busy = false;
    if (status === 200 && data) return this.saved(data);
    if (status === 401 && data && data.who) return this.failed(`Inte sparat – ${data.who} är inloggad här`, () => this.offerLogIn());
    if (status === 401) return this.failed("Inte sparat – du är utloggad", () => this.offerLogIn());
    if (status === 403) return this.stop("failed", "Inte sparat – du får inte ändra längre", "Du får inte ändra den här texten längre. Kopiera den om du vill ha den kvar.");
    if (status === 409 && data && "mine" in data) return this.conflicted(data);
    if (status === 409) return this.stop("paused", "Pausat: texten är låst", (data && data.message) || "Protokollet kan inte ändras nu. Din text står kvar här.");
    if (status === 422 && data) return this.refused(data.errors);
    if (status === 400 || status === 413) return this.refused({ text: ["Texten är för stor för att sparas. Dela upp den eller lägg den som bilaga."] });
    if (status === 404) return this.stop("failed", "Inte sparat – texten finns inte längre", "Någon har tagit bort punkten. Kopiera texten om du vill ha den kvar.");
    return this.failed();
  }

  saved(data) {
    this.unstore();
    this.version = data.version;
    if (this.doneInput && this.doneInput.value === this.sent.done) this.doneInput.value = "";
    this.sent = null;
    this.failures = this.joins = 0;
    this.wanted = false;
    if (!this.joined) this.hideNotice();
    if (this.joining) this.tellJoined(this.joining);
    this.joining = null;
    if (this.keptNotice) this.offerKept(); // what is saved now may be what was offered
    if (this.phrase && this.area.value.trim()) this.phrase.remove();
    document.dispatchEvent(new CustomEvent("desk:saved", { detail: { paragraph: this.form.dataset.paragraph, state: data.state } }));
    if (this.changed) {
      this.store(this.fields());
      this.say("dirty", "Osparade ändringar");
      this.in(Math.max(0, Math.min(PAUSE, this.since + AT_LEAST_EVERY - Date.now())));
    } else this.say("saved", `Sparat ${data.saved_at}`);
  }

  failed(words = "Inte sparat – försöker igen", also = null) {
    this.busy = false;
    this.say("failed", words);
    if (also) also();
    this.in(WAITS[Math.min(this.failures, WAITS.length - 1)]);
    this.failures += 1;
  }

  refused(errors) {
    // The words themselves cannot be saved: it waits for the person to change them.
    this.sent = null;
    this.changed = this.written = true;
    this.failures = 0;
    this.say("failed", "Inte sparat – se felet vid texten");
    const words = Object.values(errors).flat().join(" ");
    if (this.refusal) this.refusal.remove();
    this.refusal = make("p", { class: "error" }, make("span", { class: "visually-hidden" }, "Fel: "), words);
    this.form.querySelector(".field").prepend(this.refusal);
    say(words);
  }

  stop(state, words, title) {
    this.stopped = true;
    this.changed = this.written = true;
    this.sent = null;
    this.say(state, words);
    this.show(title, this.copyButton());
  }

  copyButton() {
    const button = make("button", { type: "button", class: "button button--secondary button--small" }, "Kopiera min text");
    button.addEventListener("click", async () => {
      const area = this.area;
      await navigator.clipboard.writeText(area.editor ? area.editor.getText({ blockSeparator: "\n\n" }) : area.value);
      button.textContent = "Kopierat";
    });
    return make("p", {}, button);
  }

  offerLogIn() {
    if (this.notice) return;
    const link = make("a", { href: location.pathname, target: "_blank", rel: "noopener" }, "Logga in i en ny flik");
    this.show("Du är utloggad. Texten finns kvar här.", make("p", {}, link, " och kom tillbaka hit. Texten sparas då av sig själv."));
  }

  // Two texts

  // Changes of different places (or what one has said yes to) are joined by themselves, when nothing has been typed since the text was sent: only what stands here is joined.
  joinedAlone(data, sent) {
    if (!data.together || !(data.together.apart || this.wanted) || this.joins >= MOST_JOINS) return false;
    this.joins += 1;
    if (sameText(sent, this.fields())) {
      this.put(data.together);
      if (data.together.apart) this.joining = data; // told when the server has them
      this.goOn(data.version);
    } else { // asked again, with what stands here by then
      this.say("dirty", "Osparade ändringar");
      this.in(PAUSE);
    }
    return true;
  }

  tellJoined({ who, where }) {
    const words = `${capital(who)} har också skrivit i ${where}. Ni ändrade olika ställen, så båda texterna är sparade.`;
    const away = make("button", { type: "button", class: "button button--quiet button--small" }, "Dölj");
    this.show(words, make("p", {}, away));
    this.joined = this.notice;
    this.notice.classList.replace("notice--warning", "notice--info");
    away.addEventListener("click", () => this.hideNotice());
    say(words, "saved");
  }

  conflicted(data) {
    const sent = this.sent;
    this.changed = this.written = true;
    this.sent = null;
    if (this.sentWhenLeft(data.theirs, sent)) return this.goOn(data.version);
    if (this.joinedAlone(data, sent)) return;
    this.stopped = true;
    this.wanted = false;
    this.joins = 0;
    this.offered = sent;
    this.say("paused", `Pausat: ${data.who} har ändrat ${data.where}`);
    const text = (title, words, outcome) => make("section", {}, make("p", {}, make("strong", {}, title)), make("p", { class: "as-typed" }, words || "(tom)"), ...(outcome ? [make("p", {}, `Utfall: ${outcome}`)] : []));
    const button = (words, kind, action) => {
      const made = make("button", { type: "button", class: `button ${kind}` }, words);
      made.addEventListener("click", action);
      return made;
    };
    this.show(
      data.message,
      make("p", {}, data.together ? "Ni har ändrat olika ställen. Läs den sammanfogade texten och spara den, eller välj en av de andra." : `Välj: behåll din, behåll den som ${data.who} skrev, eller redigera ihop.`),
      ...(data.together ? [text("Båda sammanfogade", data.together.words)] : []),
      ...difference(data.diff),
      make("div", { class: "compare" }, text("Din text", data.mine, data.my_outcome), text(`${capital(data.who)}, kl. ${data.at}`, data.theirs, data.their_outcome)),
      make("div", { class: "button-row" },
        ...(data.together ? [button("Spara båda", "", () => this.saveTogether(data))] : []),
        button("Behåll min", data.together ? "button--secondary" : "", () => this.goOn(data.version)),
        button(`Behåll den som ${data.who} skrev`, "button--secondary", () => this.giveWay(data.current)),
        button("Redigera ihop", "button--secondary", () => this.merge(data, text, button))),
    );
    if (this === active) this.notice.scrollIntoView({ block: "nearest" });
  }

  // The page that was left a moment ago saved its last words after this one was read: what stands there is one's own, and is in what one sends now.
  sentWhenLeft(theirs, sent) {
    const kept = this.keptKeys().map((key) => keep((storage) => JSON.parse(storage.getItem(key))));
    const letters = lettersOf({ text: theirs });
    return kept.some((fields) => fields && lettersOf(fields) === letters) && lettersOf(sent).includes(letters);
  }

  // What has been typed since the box came is joined too: then the server is asked once more.
  saveTogether(data) {
    if (sameText(this.offered, this.fields())) {
      this.put(data.together);
      this.goOn(data.version);
    } else {
      this.wanted = true;
      this.stopped = false;
      this.hideNotice();
      this.send();
    }
    this.area.focus();
  }

  // Both texts in sight, mine in the editor; nothing is saved until the person says that they are one.
  merge(data, text, button) {
    if (data.together && sameText(this.offered, this.fields())) this.put(data.together);
    this.say("paused", "Pausat: redigera ihop texterna");
    this.show(
      "Skriv ihop texterna i rutan. Sedan sparar du.",
      ...difference(data.diff),
      text(`${capital(data.who)}, kl. ${data.at}`, data.theirs, data.their_outcome),
      make("div", { class: "button-row" },
        button("Spara den ihopskrivna texten", "", () => this.goOn(data.version)),
        button(`Behåll den som ${data.who} skrev`, "button--secondary", () => this.giveWay(data.current))),
    );
    this.area.focus();
  }

  // The other's text stands; one's own is put aside, where it can still be fetched.
  giveWay(current) {
    this.store(this.fields());
    this.setAside();
    this.adopt(current);
    this.offerKept();
  }

  goOn(version) {
    this.unstore();
    this.version = version;
    this.store(this.fields());
    this.stopped = false;
    this.hideNotice();
    this.send();
  }

  // The text as it stands in the database takes the place of the one here.
  adopt(current) {
    clearTimeout(this.timer);
    this.unstore();
    this.version = current.version;
    this.put(current);
    this.stopped = this.changed = this.written = false;
    this.sent = null;
    this.failures = 0;
    this.hideNotice();
    this.say("saved", `Uppdaterad ${new Date().toTimeString().slice(0, 5)}`);
    if (this.doneInput && this.doneInput.value) this.touched(false); // that it is finished was meant all the same
  }

  put({ text, html, outcome }) {
    const area = this.area;
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

  // Somebody else has saved a newer version, and nothing here is unsaved: show theirs.
  async refresh() {
    try {
      const answer = await fetch(this.form.dataset.text, { headers: { "X-Requested-With": "fetch", "X-Background": "1" } });
      if (answer.ok) {
        const current = await answer.json();
        if (this.clean && !this.busy && current.version > Number(this.version)) this.adopt(current);
      }
    } catch {
      // the next report tells again
    }
  }

  // What could not be saved before the page was left

  store(fields) {
    keep((storage) => storage.setItem(this.prefix + fields.version, JSON.stringify(fields)));
  }

  kept() {
    return keep((storage) => Object.keys(storage).filter((key) => key.startsWith(this.prefix))) || [];
  }

  unstore() {
    keep((storage) => this.kept().forEach((key) => storage.removeItem(key)));
  }

  // What an earlier page or a conflict left unsaved gets a name of its own: what is typed and saved from here on does not touch it.
  setAside() {
    keep((storage) => this.kept().forEach((key) => {
      storage.setItem(this.keptPrefix + Date.now() + key.slice(this.prefix.length - 1), storage.getItem(key));
      storage.removeItem(key);
    }));
  }

  keptKeys() {
    return (keep((storage) => Object.keys(storage).filter((one) => one.startsWith(this.keptPrefix))) || []).sort();
  }

  offerKept() {
    if (this.keptNotice) this.keptNotice.remove();
    this.keptNotice = null;
    const key = this.keptKeys()[0];
    if (!key) return;
    const forget = () => (keep((storage) => storage.removeItem(key)), this.offerKept());
    const fields = keep((storage) => JSON.parse(storage.getItem(key)));
    if (!fields || holds(this.fields(), fields)) return forget();
    const back = make("button", { type: "button", class: "button button--small" }, "Ta tillbaka texten");
    const away = make("button", { type: "button", class: "button button--secondary button--small" }, "Släng den");
    back.addEventListener("click", () => {
      this.version = fields.version;
      this.fill(fields);
      this.touched();
      forget();
    });
    away.addEventListener("click", forget);
    this.keptNotice = make("div", { class: "notice notice--warning" },
      make("p", { class: "notice-title" }, "Det finns text härifrån som inte är sparad."),
      make("p", { class: "as-typed" }, excerpt(fields)), make("div", { class: "button-row" }, back, away));
    this.form.querySelector(".text-form-end").after(this.keptNotice);
  }

  fill(fields) {
    const html = fields.text_format === "html";
    this.put({ text: html ? wordsOf(fields.text) : fields.text, html: html ? fields.text : paragraphs(fields.text), outcome: fields.outcome });
  }

  // The buttons

  async submitted(event) {
    if (!event.submitter || !event.submitter.hasAttribute("data-save-now")) return;
    event.preventDefault();
    flush();
  }
}

// Where a place of the old text is in the new: what somebody has written before it moves it along.
function follower(old, now) {
  const start = old.findDiffStart(now);
  if (start === null) return (place) => place;
  const end = old.findDiffEnd(now);
  return (place) => Math.min(Math.max(place <= start ? place : place >= end.a ? place + end.b - end.a : Math.min(place, end.b), 0), now.size);
}

// Plain words as the editor takes them: each line a paragraph, nothing read as markup.
const paragraphs = (words) => words.split(/\n+/).map((line) => make("p", {}, line).outerHTML).join("");
const wordsOf = (html) => [...new DOMParser().parseFromString(html, "text/html").body.children].map((one) => one.textContent).join("\n\n");

// From the other's text to one's own, word by word, as the server has marked it up.
function difference(html) {
  const marked = html ? [...new DOMParser().parseFromString(html, "text/html").body.childNodes] : [];
  return marked.length ? [make("section", { class: "diff" }, make("p", {}, make("strong", {}, "Skillnaden: "), "det du har ", make("ins", {}, "lagt till"), " och det du ", make("del", {}, "saknar")), ...marked)] : [];
}

const textOf = (fields) => (fields.text_format === "html" ? wordsOf(fields.text || "") : fields.text || "");
const lettersOf = (fields) => textOf(fields).replace(/[^\p{L}\p{N}]/gu, "");
// Whether everything that was kept stands in what is here now.
const holds = (now, kept) => lettersOf(now).includes(lettersOf(kept)) && (kept.outcome || "") === (now.outcome || "");
const sameText = (one, other) => Boolean(one) && one.text === other.text && (one.outcome || "") === (other.outcome || "");
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

function excerpt(fields) {
  const words = textOf(fields);
  return words.length > 300 ? `${words.slice(0, 300)} …` : words;
}

// The worst of all the texts stands in the bar at the top. Only a change between saved, failed and paused is read aloud.
function tellAll() {
  const worst = forms.reduce((worst, one) => (RANK.indexOf(one.state) > RANK.indexOf(worst.state) ? one : worst), { state: "" });
  if (!bar || !worst.state) return;
  const last = worst.state === "saved" ? forms.filter((one) => one.state === "saved").at(-1) : worst;
  bar.hidden = false;
  bar.dataset.state = worst.state;
  bar.textContent = (spoken(worst.state) && active && active.state === worst.state ? active : last).status.textContent;
  if (spoken(worst.state) && worst.state !== announced) {
    announced = worst.state;
    say(bar.textContent, "saved");
  }
}
const spoken = (state) => ["saved", "failed", "paused"].includes(state);

// Send what is left, in the whole page or in a part of it, and wait for the answers; false when something could not be saved.
export async function flush(within = document) {
  const mine = forms.filter((one) => within.contains(one.form));
  for (const one of mine) {
    if (one.stopped) continue;
    clearTimeout(one.timer);
    for (let round = 0; round < 5 && !one.clean && !one.stopped; round += 1) {
      await one.send();
      if (one.state === "failed") break;
    }
  }
  const left = mine.find((one) => !one.clean);
  if (left) left.status.scrollIntoView({ block: "center" });
  return !left;
}

let active = null;

export function register(form) {
  const one = new AutosavedForm(form);
  forms.push(one);
  return one;
}

for (const form of document.querySelectorAll("form[data-autosave]")) register(form);
tellAll();
document.addEventListener("focusin", (event) => {
  active = forms.find((one) => one.form.contains(event.target)) || active;
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.origin !== location.origin) return;
  if (link.dataset.openParagraph || (link.pathname === location.pathname && link.hash) || forms.every((one) => one.clean) || event.target.closest(".editor-text")) return;
  event.preventDefault();
  await flush();
  location.assign(link.href); // what could not be saved, the browser asks about
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    flush();
  }
}, true);

for (const kind of ["online", "focus"]) {
  window.addEventListener(kind, () => forms.forEach((one) => one.failures && !one.busy && one.send()));
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) forms.forEach((one) => !one.failures && one.send());
});

window.addEventListener("beforeunload", (event) => {
  if (!leaving && forms.some((one) => !one.clean)) event.preventDefault();
});

// Whoever logs out saves first. When that cannot be done they are told, and may log out all the same.
for (const form of document.querySelectorAll("form[action$='/logout/']")) {
  form.addEventListener("submit", async (event) => {
    if (leaving || forms.every((one) => one.clean)) return;
    event.preventDefault();
    const saved = await flush();
    leaving = true;
    if (saved) form.requestSubmit();
    else say("Allt är inte sparat. Logga ut en gång till för att lämna det osparade.");
  });
}
