// "Nothing typed is lost": whatever happens, in whatever order, the text is in the database or is kept.
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Draft, MARK } from "fvg/autosave/draft";
import { Kept } from "fvg/autosave/kept";
import { sameText, sentWhenLeft } from "fvg/autosave/words";
import { storage } from "./storage.js";

// A page, the server behind it, and somebody else who writes in the same text.
class World {
  constructor() {
    this.stored = storage();
    this.database = { version: 1, text: "" };
    this.known = new Map(); // version and words of what was sent → the version that it became: it is known again
    this.ever = new Set([""]); // every text that the database has had: its versions are never thrown away
    this.typed = []; // every text that has stood here because somebody typed it
    this.letters = 0;
    this.load();
  }

  load() {
    this.version = String(this.database.version);
    this.words = this.database.text;
    this.onItsWay = null;
    this.conflict = null;
    this.kept = new Kept(() => this.stored, "1", "/save/");
    this.draft = new Draft(this, this.kept);
    this.kept.offered(this.fields());
  }

  fields() { return { version: this.version, text: this.words }; }

  letter() {
    this.letters += 1;
    return String.fromCodePoint(0x4e00 + this.letters); // each its own, and a letter
  }

  write(text) {
    this.database = { version: this.database.version + 1, text };
    this.ever.add(text);
  }

  // The server's half of a request: is it stored, or has somebody else been here?
  store({ version, text }) {
    const key = `${version}:${text}`;
    if (this.known.has(key)) return { version: this.known.get(key) };
    if (Number(version) !== this.database.version) return { differs: true };
    if (text !== undefined) this.write(text);
    this.known.set(key, this.database.version);
    return { version: this.database.version };
  }

  answer(how) {
    const sent = this.onItsWay;
    if (!sent) return;
    this.onItsWay = null;
    if (how === "lostOnTheWay") return this.draft.failed("unanswered");
    if (how === "loggedOut") return this.draft.failed("loggedOut");
    if (how === "refused") return this.draft.refused();
    if (how === "closed" || how === "barred") return this.draft.ended(how);
    const { version, differs } = this.store(sent);
    if (how === "lostOnTheWayBack") return this.draft.failed("unanswered");
    if (!differs) {
      this.draft.stored(String(version));
      this.kept.offered(this.fields());
      return;
    }
    // As form.js does with two texts.
    const mine = this.draft.takeBack();
    if (sentWhenLeft(this.database.text, mine, this.kept.aside())) return this.goOn("joined");
    const together = { text: (mine.text ?? this.words) + this.database.text, apart: how === "apart" };
    if (this.draft.mayJoin(together)) {
      if (!sameText(mine, this.fields())) return this.draft.move("again");
      this.words = together.text;
      return this.goOn("joined");
    }
    this.conflict = { mine, together };
    this.draft.differs();
  }

  goOn(event) {
    this.conflict = null;
    this.onItsWay = this.draft.goOn(event, String(this.database.version));
  }

  adopt() {
    if (!this.draft.adopt(String(this.database.version))) return;
    this.words = this.database.text;
    this.conflict = null;
    this.kept.offered(this.fields());
  }

  does(step) {
    STEPS[step](this);
  }

  assertNothingLost(trace) {
    const safe = [...this.ever, ...Object.keys(this.stored).map((key) => JSON.parse(this.stored.getItem(key)).text || "")];
    const lost = this.typed.filter((text) => !safe.some((one) => one.includes(text)));
    assert.deepEqual(lost, [], `lost after ${trace.join(", ")} (${this.draft.state})`);
    if (!this.draft.clean) return;
    assert.ok(this.ever.has(this.words), `"Sparat" is not true after ${trace.join(", ")}`);
    assert.equal(this.kept.keysFrom(this.kept.prefix).length, 0, `saved and still kept after ${trace.join(", ")}`);
  }
}

const inConflict = (action) => (world) => world.draft.state === "conflict" && action(world);

const STEPS = {
  types(world) {
    world.words += world.letter();
    // A line that is written on holds what stood there before: only the last of each line has to be found again.
    world.typed = [...world.typed.filter((text) => !world.words.includes(text)), world.words];
    world.draft.typed();
  },
  marksDone: (world) => world.draft.typed(MARK),
  sends(world) {
    const fields = world.draft.take();
    if (fields) world.onItsWay = { ...fields };
  },
  isStored: (world) => world.answer("stored"),
  isStoredApart: (world) => world.answer("apart"),
  isLostOnTheWay: (world) => world.answer("lostOnTheWay"),
  isLostOnTheWayBack: (world) => world.answer("lostOnTheWayBack"),
  isLoggedOut: (world) => world.answer("loggedOut"),
  isRefused: (world) => world.answer("refused"),
  isClosed: (world) => world.answer("closed"),
  isBarred: (world) => world.answer("barred"),
  anotherWrites: (world) => world.write(world.database.text + world.letter()),
  refreshes: (world) => world.draft.clean && world.adopt(),
  keepsMine: inConflict((world) => world.goOn("chosen")),
  keepsTheirs: inConflict((world) => world.adopt()),
  keepsBoth: inConflict((world) => {
    if (sameText(world.conflict.mine, world.fields())) {
      world.words = world.conflict.together.text;
      world.goOn("chosen");
    } else {
      world.conflict = null;
      world.onItsWay = world.draft.joinBoth();
    }
  }),
  loadsAnew: (world) => world.load(),
  takesBack(world) { // what was put aside, when nothing here would be lost by it
    const offered = world.draft.clean && world.kept.offered(world.fields());
    if (!offered) return;
    world.version = offered.fields.version;
    world.words = offered.fields.text ?? world.words;
    world.draft.typed();
    world.kept.forgetAside(offered.key);
  },
};
const NAMES = Object.keys(STEPS);

function walk(steps) {
  const world = new World();
  const trace = [];
  for (const step of steps) {
    trace.push(step);
    world.does(step);
    world.assertNothingLost(trace);
  }
  return world;
}

// The same numbers every time (mulberry32), so that what fails once fails again.
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

describe("nothing typed is lost", () => {
  test("in any four steps, once something is on its way", () => {
    let walks = 0;
    const from = (steps, left) => {
      if (!left) {
        walks += 1;
        walk(["types", "sends", ...steps]);
      } else for (const step of NAMES) from([...steps, step], left - 1);
    };
    from([], 4);
    assert.equal(walks, NAMES.length ** 4);
  });

  test("in three thousand long walks", () => {
    const states = new Set();
    for (let seed = 0; seed < 3000; seed += 1) {
      const roll = dice(seed);
      // Half of the steps are those of every day: else the walks hardly come past a failure.
      const steps = Array.from({ length: 40 }, () => (roll(2) ? ["types", "sends", "isStored"][roll(3)] : NAMES[roll(NAMES.length)]));
      states.add(walk(steps).draft.state);
    }
    assert.equal(states.size, 10, "the walks end in every state");
  });

  test("and is not while the answer is on its way back", () => {
    const world = walk(["types", "sends", "isLostOnTheWayBack", "types", "sends", "isStored"]);
    assert.equal(world.draft.state, "typing"); // what was typed in between is still to be sent
    assert.equal(walk(["types", "sends", "isLostOnTheWayBack", "types", "sends", "isStored", "sends", "isStored"]).draft.state, "saved");
  });
});

describe("a draft", () => {
  let world;
  beforeEach(() => {
    world = new World();
  });

  test("sends a text without an answer again, word for word, before anything newer", () => {
    walk([]);
    world.does("types");
    const first = world.draft.take();
    world.draft.failed("unanswered");
    world.does("types");
    assert.deepEqual(world.draft.take(), first);
    assert.equal(world.draft.take(), null); // one request at a time
  });

  test("does not send a text that nobody has touched", () => {
    world.draft.typed(MARK);
    assert.deepEqual(Object.keys(world.draft.take()), ["version"]);
  });

  test("waits longer and longer, and from the beginning when the server has answered", () => {
    const waits = [];
    world.does("types");
    for (let round = 0; round < 3; round += 1) {
      world.draft.take();
      waits.push(world.draft.failed("unanswered"));
    }
    assert.deepEqual(waits, [1000, 2000, 4000]);
    world.draft.take();
    world.draft.stored("2");
    world.does("types");
    world.draft.take();
    assert.equal(world.draft.failed("unanswered"), 1000);
  });

  test("two texts are joined by themselves only so many times in a row", () => {
    let joined = 0;
    while (world.draft.mayJoin({ apart: true })) joined += 1;
    assert.equal(joined, 20);
    assert.equal(new World().draft.mayJoin({ apart: false }), false);
    assert.equal(new World().draft.mayJoin(null), false);
  });

  test("nothing takes the place of what is not saved", () => {
    world.does("types");
    assert.equal(world.draft.adopt("9"), false);
    assert.equal(world.version, "1");
  });

  test("whoever gives way finds the own text again", () => {
    for (const step of ["types", "anotherWrites", "sends", "isStored"]) world.does(step);
    assert.equal(world.draft.state, "conflict");
    const mine = world.words;
    world.does("keepsTheirs");
    assert.equal(world.draft.state, "saved");
    assert.equal(world.kept.offered(world.fields()).fields.text, mine);
  });
});
