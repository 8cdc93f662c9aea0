// A form that saves itself while one types. "Sparat" is said only when the server has answered after its commit; until then the
// text is kept in the page and in the browser's storage. What leads to what stands in states.js.
import { read } from "fvg/autosave/answers";
import { askWhichText } from "fvg/autosave/conflict";
import { Draft, MARK, WORDS } from "fvg/autosave/draft";
import { Kept } from "fvg/autosave/kept";
import { boxOf, copyButton, hideRefusal, offerKept, offerLogIn, showRefusal, tellJoined } from "fvg/autosave/notices";
import { isSentSoon, pause } from "fvg/autosave/states";
import { isActive, tell } from "fvg/autosave/status";
import { FormText } from "fvg/autosave/text";
import { sameText, sentWhenLeft } from "fvg/autosave/words";
import { clock, post } from "fvg/page";

export class AutosavedForm {
  constructor(form) {
    this.form = form;
    this.born = Date.now();
    this.status = form.querySelector("[data-save-status]");
    this.look = this.status.dataset.state || "";
    this.timer = 0;
    this.notice = null;
    this.joined = null; // the notice, when it tells that two texts were joined
    this.keptNotice = null;
    this.refusal = null;
    this.joining = null; // the other's text that is in what is being sent
    this.asked = Promise.resolve();
    form.autocomplete = "off";
    form.addEventListener("input", () => this.touched());
    form.addEventListener("change", () => this.touched());
    this.text = new FormText(form);
    this.draft = new Draft(this.text, new Kept(() => window.sessionStorage, form.dataset.autosave, form.getAttribute("action")));
    offerKept(this);
  }

  get clean() { return this.draft.clean; }
  get row() { return this.form.dataset.row; }
  get doneInput() { return this.form.querySelector("input[name=done]"); }
  get phrase() { return this.form.parentElement.querySelector("[data-phrase]"); }

  // What the person sees

  say(words) {
    tell(this, words);
  }

  show(title, ...parts) {
    this.hideNotice();
    this.notice = boxOf(title, ...parts);
    this.form.querySelector(".text-form-end").after(this.notice);
  }

  hideNotice() {
    this.notice?.remove();
    this.notice = this.joined = null;
  }

  // Typing

  touched(what = WORDS) {
    if (this.text.putting) return;
    this.draft.typed(what);
    if (this.phrase) this.phrase.hidden = Boolean(this.text.area.value.trim());
    hideRefusal(this);
    if (this.draft.stopped) return;
    if (this.draft.look !== "failed") this.say("Osparade ändringar");
    if (isSentSoon(this.draft.state)) this.sendIn(pause(this.draft.since, Date.now()));
  }

  // That the § is done (or open again) goes with the text, is tried again with it, and kept with it.
  setDone(done) {
    this.doneInput.value = done ? "1" : "0";
    this.touched(MARK);
    this.send();
  }

  // Sending

  sendIn(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), milliseconds);
  }

  send() {
    clearTimeout(this.timer);
    const fields = this.draft.take();
    return fields ? this.transmit(fields) : this.asked;
  }

  transmit(fields) {
    if (this.draft.look !== "failed") this.say("Sparar …");
    this.asked = post(this.form.getAttribute("action"), fields).catch(() => null).then((answer) => this.answered(answer));
    return this.asked;
  }

  answered(answer) {
    const { event, words, title } = read(answer);
    if (event === "stored") return this.saved(answer.data);
    if (event === "differs") return this.differs(answer.data);
    if (event === "refused") return this.refused(words, title);
    if (event === "closed" || event === "barred") return this.end(event, words, title);
    return this.failed(event, words);
  }

  saved(data) {
    if (this.doneInput && this.doneInput.value === this.draft.sent.done) this.doneInput.value = "";
    this.draft.stored(data.version);
    if (!this.joined) this.hideNotice();
    if (this.joining) tellJoined(this, this.joining);
    this.joining = null;
    if (this.keptNotice) offerKept(this); // what is saved now may be what was offered
    if (this.phrase && this.text.area.value.trim()) this.phrase.remove();
    document.dispatchEvent(new CustomEvent("desk:saved", { detail: { paragraph: this.form.dataset.paragraph } }));
    this.say(this.clean ? `Sparat ${data.saved_at}` : "Osparade ändringar");
    if (!this.clean) this.sendIn(pause(this.draft.since, Date.now()));
  }

  failed(event, words) {
    const wait = this.draft.failed(event);
    this.say(words);
    if (event === "loggedOut") offerLogIn(this);
    this.sendIn(wait);
  }

  refused(words, why) {
    this.draft.refused();
    this.say(words);
    showRefusal(this, why);
  }

  end(event, words, title) {
    this.draft.ended(event);
    this.say(words);
    this.show(title, copyButton(this));
  }

  // Two texts

  differs(data) {
    const sent = this.draft.takeBack();
    if (sentWhenLeft(data.theirs, sent, this.draft.kept.aside())) return this.goOn("joined", data.version);
    if (this.draft.mayJoin(data.together)) return this.joinAlone(data, sent);
    this.draft.differs();
    this.say(`Pausat: ${data.who} har ändrat ${data.where}`);
    askWhichText(this, data, sent);
    if (isActive(this)) this.notice.scrollIntoView({ block: "nearest" });
  }

  // Changes of different places (or what one has said yes to) are joined by themselves, when nothing has been typed since the
  // text was sent: only what stands here is joined.
  joinAlone(data, sent) {
    if (sameText(sent, this.text.fields())) {
      this.text.put(data.together);
      if (data.together.apart) this.joining = data; // told when the server has them
      this.goOn("joined", data.version);
    } else { // asked again, with what stands here by then
      this.draft.move("again");
      this.say("Osparade ändringar");
      this.sendIn(pause());
    }
  }

  joinBoth() {
    const fields = this.draft.joinBoth();
    this.hideNotice();
    this.transmit(fields);
  }

  goOn(event, version) {
    const fields = this.draft.goOn(event, version);
    this.hideNotice();
    this.transmit(fields);
  }

  giveWay(current) {
    this.adopt(current);
    offerKept(this);
  }

  // The text as it stands in the database takes the place of the one here.
  adopt(current) {
    if (!this.draft.adopt(current.version)) return;
    clearTimeout(this.timer);
    this.text.put(current);
    this.hideNotice();
    this.say(`Uppdaterad ${clock(new Date())}`);
    if (this.doneInput && this.doneInput.value) this.touched(MARK); // that it is finished was meant all the same
  }

  // Somebody else has saved a newer version, and nothing here is unsaved: show theirs.
  async refresh() {
    try {
      const answer = await fetch(this.form.dataset.text, { headers: { "X-Requested-With": "fetch", "X-Background": "1" } });
      if (!answer.ok) return;
      const current = await answer.json();
      if (this.clean && current.version > Number(this.text.version)) this.adopt(current);
    } catch {
      // the next report tells again
    }
  }

  // What an earlier page, or a conflict, left unsaved stands here again, on the version that it was written from.
  takeBack(fields) {
    this.text.putBack(fields);
    this.touched();
  }
}
