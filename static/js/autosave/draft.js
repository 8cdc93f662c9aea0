// One text on its way to the server, without a page around it: its state, what has gone out, and the copy that is kept until the
// server has it.
import { isBusy, isStopped, lookOf, next, patience, takes } from "fvg/autosave/states";

// What has not been sent yet: nothing, only the mark that the § is done, or the words too.
export const NOTHING = 0;
export const MARK = 1;
export const WORDS = 2;
const MOST_JOINS = 20;

export class Draft {
  // `text` is what the person writes in: fields() as they stand now, and the `version` that they were written from.
  constructor(text, kept) {
    this.text = text;
    this.kept = kept;
    this.state = "saved";
    this.unsent = NOTHING;
    this.since = 0; // when the first that is unsent was typed
    this.sent = null; // what is on its way, or was sent without an answer
    this.tries = 0; // in vain, in a row
    this.joins = 0; // times in a row that two texts have been put together
    this.wanted = false; // the person has said that both texts are to stand
    kept.setAside();
  }

  get clean() { return this.state === "saved"; }
  get busy() { return isBusy(this.state); }
  get stopped() { return isStopped(this.state); }
  get look() { return lookOf(this.state, this.unsent); }

  move(event) {
    this.state = next(this.state, event);
  }

  typed(what = WORDS) {
    if (!this.unsent) this.since = Date.now();
    this.unsent = Math.max(this.unsent, what);
    this.kept.store(this.text.fields());
    this.move("typed");
  }

  // What is to be sent now, or null. A text whose answer was lost is asked for again, word for word, before anything newer: the
  // server knows it again.
  take() {
    if (!takes(this.state, "sent")) return null;
    this.move("sent");
    return this.sent || this.pack();
  }

  pack() {
    this.sent = this.text.fields();
    // A text that nobody has touched here is not sent: it may be older than the one that stands.
    if (this.unsent < WORDS) for (const name of ["text", "text_format", "outcome"]) delete this.sent[name];
    this.unsent = NOTHING;
    this.since = Date.now();
    return this.sent;
  }

  // What was sent is unsent again; tells what it was.
  takeBack() {
    const { sent } = this;
    this.unsent = WORDS;
    this.sent = null;
    return sent;
  }

  // The answers

  stored(version) {
    this.kept.forget();
    this.text.version = version;
    this.sent = null;
    this.tries = this.joins = 0;
    this.wanted = false;
    this.move(this.unsent ? "overtaken" : "stored");
    if (!this.clean) this.kept.store(this.text.fields());
  }

  // `unanswered` or `loggedOut`: how many milliseconds to wait before the next try.
  failed(event) {
    this.move(event);
    this.tries += 1;
    return patience(this.tries - 1);
  }

  refused() {
    this.takeBack();
    this.tries = 0;
    this.move("refused");
  }

  // `closed` or `barred`
  ended(event) {
    this.takeBack();
    this.move(event);
  }

  // Two texts: the rest here begins with takeBack().

  mayJoin(together) {
    if (!together || !(together.apart || this.wanted) || this.joins >= MOST_JOINS) return false;
    this.joins += 1;
    return true;
  }

  differs() {
    this.wanted = false;
    this.joins = 0;
    this.move("differs");
  }

  // `joined` or `chosen`: what stands here now is to be the next version after that one; tells what to send.
  goOn(event, version) {
    this.kept.forget();
    this.text.version = version;
    this.kept.store(this.text.fields());
    this.move(event);
    return this.pack();
  }

  // Both are to stand, with what has been typed since the two were shown: the server is asked once more.
  joinBoth() {
    this.wanted = true;
    this.move("chosen");
    return this.pack();
  }

  // The database's text takes the place of this one, unless something here would be lost by that. The caller shows it.
  adopt(version) {
    if (!takes(this.state, "adopted")) return false;
    if (!this.clean) { // the person gave way: one's own can still be fetched
      this.kept.store(this.text.fields());
      this.kept.setAside();
    }
    this.kept.forget();
    this.text.version = version;
    this.sent = null;
    this.unsent = NOTHING;
    this.tries = 0;
    this.move("adopted");
    return true;
  }
}
