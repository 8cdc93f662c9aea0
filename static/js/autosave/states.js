// The states of a text while it is written: each row is a state, and says where what can happen there leads. What a row does not
// name changes nothing in that state. Nothing but this table decides; the rest does what belongs to the step.
export const TABLE = {
  // all that stands here is in the database, or was never touched
  saved: { typed: "typing", adopted: "saved" },
  // something is not sent yet: it will be in a moment
  typing: { typed: "typing", sent: "saving" },
  // on its way, for the first time
  saving: {
    typed: "saving", stored: "saved", overtaken: "typing", unanswered: "waiting", loggedOut: "loggedOut", refused: "refused",
    joined: "saving", again: "typing", differs: "conflict", closed: "locked", barred: "barred",
  },
  // no answer: the same words are sent again, later and later
  waiting: { typed: "waiting", sent: "retrying" },
  // on its way once more, with the failure still in sight
  retrying: {
    typed: "retrying", stored: "saved", overtaken: "typing", unanswered: "waiting", loggedOut: "loggedOut", refused: "refused",
    joined: "retrying", again: "typing", differs: "conflict", closed: "locked", barred: "barred",
  },
  // as when there was no answer, until the person has logged in again
  loggedOut: { typed: "loggedOut", sent: "retrying" },
  // the words themselves cannot be stored: they wait for the person to change them
  refused: { typed: "refused", sent: "retrying" },
  // somebody else has changed the text: it waits for the person to choose
  conflict: { typed: "conflict", chosen: "saving", adopted: "saved" },
  // the protocol cannot be changed now
  locked: { typed: "locked" },
  // the person may not change the text any longer, or it is gone
  barred: { typed: "barred" },
};

export const EVENTS = [
  "typed", // the person has written or chosen something
  "sent", // a request goes out
  "stored", // the server has all that stands here
  "overtaken", // the server has what was sent, but more has been typed since
  "unanswered", // no answer, or one that tells nothing about the text
  "loggedOut", // nobody is logged in here, or somebody else
  "refused", // the server cannot store these words
  "joined", // two texts have become one by themselves, which is sent at once
  "again", // two texts are to become one, but more has been typed: asked again in a moment
  "differs", // two texts, and the person must choose
  "closed", // the protocol is locked
  "barred", // no right to it any longer, or no text
  "chosen", // the person has chosen what is to stand, and it is sent at once
  "adopted", // the text of the database takes the place of the one here
];

export const next = (state, event) => TABLE[state][event] || state;
export const takes = (state, event) => event in TABLE[state];

// Never more than one request a text.
export const isBusy = (state) => takes(state, "stored");
// Only the person can lead on.
export const isStopped = (state) => state !== "saved" && !isBusy(state) && !takes(state, "sent");
// A timer runs already, and asks for the same words.
export const isRetried = (state) => state === "waiting" || state === "loggedOut";
// After a pause in the typing.
export const isSentSoon = (state) => takes(state, "sent") && !isRetried(state);

// Time

const PAUSE = 500;
const AT_LEAST_EVERY = 3000;
const WAITS = [1000, 2000, 4000, 8000, 15000, 30000];

// How long to wait for more when something has been typed; `since`: when the first of it was.
export const pause = (since = Infinity, now = 0) => Math.max(0, Math.min(PAUSE, since + AT_LEAST_EVERY - now));
// How long to wait for the next try after so many.
export const patience = (tries) => WAITS[Math.min(tries, WAITS.length - 1)];

// How it looks: the five looks that the style sheet has

const LOOK = {
  saved: "saved", typing: "dirty", saving: "saving",
  waiting: "failed", retrying: "failed", loggedOut: "failed", refused: "failed", barred: "failed",
  conflict: "paused", locked: "paused",
};
// What is typed while something is on its way is unsaved; a failure stays in sight until the server has answered.
export const lookOf = (state, unsent) => (state === "saving" && unsent ? "dirty" : LOOK[state]);

const WORSE = ["saved", "saving", "dirty", "failed", "paused"];

// Only a change between these is read aloud.
export const isSpoken = (look) => ["saved", "failed", "paused"].includes(look);

// Which of several texts the whole page tells of: the one that most needs somebody, the one that is written in before others like
// it; of what is saved the last.
export function worst(texts, active) {
  const rank = ({ look }) => WORSE.indexOf(look);
  const top = Math.max(-1, ...texts.map(rank));
  if (top < 0) return null;
  const alike = texts.filter((one) => rank(one) === top);
  const { look } = alike[0];
  if (isSpoken(look) && active && active.look === look) return active;
  return alike.at(look === "saved" ? -1 : 0);
}
