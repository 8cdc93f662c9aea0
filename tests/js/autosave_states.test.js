// The table of states that a text goes through while it is written: each state with each event.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EVENTS, isBusy, isRetried, isSentSoon, isStopped, lookOf, next, patience, pause, TABLE, worst } from "fvg/autosave/states";

const STATES = Object.keys(TABLE);

// Written anew here, a column for each state: what each event leads to, "·" where it changes nothing.
const WANTED = `
              saved   typing  saving     waiting   retrying   loggedOut  refused   conflict  locked  barred
  typed       typing  typing  saving     waiting   retrying   loggedOut  refused   conflict  locked  barred
  sent        ·       saving  ·          retrying  ·          retrying   retrying  ·         ·       ·
  stored      ·       ·       saved      ·         saved      ·          ·         ·         ·       ·
  overtaken   ·       ·       typing     ·         typing     ·          ·         ·         ·       ·
  unanswered  ·       ·       waiting    ·         waiting    ·          ·         ·         ·       ·
  loggedOut   ·       ·       loggedOut  ·         loggedOut  ·          ·         ·         ·       ·
  refused     ·       ·       refused    ·         refused    ·          ·         ·         ·       ·
  joined      ·       ·       saving     ·         retrying   ·          ·         ·         ·       ·
  again       ·       ·       typing     ·         typing     ·          ·         ·         ·       ·
  differs     ·       ·       conflict   ·         conflict   ·          ·         ·         ·       ·
  closed      ·       ·       locked     ·         locked     ·          ·         ·         ·       ·
  barred      ·       ·       barred     ·         barred     ·          ·         ·         ·       ·
  chosen      ·       ·       ·          ·         ·          ·          ·         saving    ·       ·
  adopted     saved   ·       ·          ·         ·          ·          ·         saved     ·       ·
`;
const [states, ...rows] = WANTED.trim().split("\n").map((line) => line.trim().split(/\s+/));

describe("the table of states", () => {
  test("every state and every event is decided here too", () => {
    assert.deepEqual(states, STATES);
    assert.deepEqual(rows.map(([event]) => event), EVENTS);
  });

  for (const [event, ...wanted] of rows) {
    for (const [at, state] of STATES.entries()) {
      const to = wanted[at] === "·" ? state : wanted[at];
      test(`${state}: ${event} → ${to}`, () => assert.equal(next(state, event), to));
    }
  }

  test("it names no state or event that there is not", () => {
    for (const row of Object.values(TABLE)) {
      for (const [event, to] of Object.entries(row)) {
        assert.ok(EVENTS.includes(event), event);
        assert.ok(to in TABLE, to);
      }
    }
  });

  test("every state can be come to, and only where the person cannot write any more does it end", () => {
    const reached = new Set(["saved"]);
    for (const state of reached) for (const to of Object.values(TABLE[state])) reached.add(to);
    assert.deepEqual([...reached].sort(), [...STATES].sort());
    const ends = STATES.filter((state) => Object.values(TABLE[state]).every((to) => to === state));
    assert.deepEqual(ends, ["locked", "barred"]);
  });

  test("what is typed never leads to saved", () => {
    for (const state of STATES) assert.notEqual(next(state, "typed"), "saved");
  });
});

describe("what kind of state it is", () => {
  const those = (is) => STATES.filter(is);

  test("one request at a time", () => assert.deepEqual(those(isBusy), ["saving", "retrying"]));
  test("what waits for the person", () => assert.deepEqual(those(isStopped), ["conflict", "locked", "barred"]));
  test("what has a next try coming", () => assert.deepEqual(those(isRetried), ["waiting", "loggedOut"]));
  test("what is sent after a pause", () => assert.deepEqual(those(isSentSoon), ["typing", "refused"]));
});

describe("time", () => {
  test("half a second after the last key, and at least every third second", () => {
    assert.equal(pause(1000, 1000), 500);
    assert.equal(pause(1000, 3499), 500);
    assert.equal(pause(1000, 3900), 100);
    assert.equal(pause(1000, 9000), 0);
    assert.equal(pause(), 500);
  });

  test("each try in vain waits longer than the one before, and never more than half a minute", () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 50].map(patience), [1000, 2000, 4000, 8000, 15000, 30000, 30000, 30000]);
  });
});

describe("how it looks", () => {
  test("each state has one of the five looks of the style sheet", () => {
    const looks = STATES.map((state) => lookOf(state, 0));
    assert.deepEqual(looks, ["saved", "dirty", "saving", "failed", "failed", "failed", "failed", "paused", "paused", "failed"]);
  });

  test("what is typed while something is on its way is unsaved, and a failure stays in sight", () => {
    assert.equal(lookOf("saving", 2), "dirty");
    assert.equal(lookOf("retrying", 2), "failed");
  });

  const texts = (...looks) => looks.map((look, at) => ({ look, at }));
  const told = (looks, active = null) => worst(texts(...looks), active)?.at;

  test("the page tells of the text that most needs somebody", () => {
    assert.equal(told(["saved", "dirty", "saving"]), 1);
    assert.equal(told(["failed", "paused", "dirty"]), 1);
    assert.equal(told(["dirty", "dirty"]), 0);
  });

  test("of what is saved the last, and of nothing when nothing has been told", () => {
    assert.equal(told(["saved", "", "saved", ""]), 2);
    assert.equal(told(["", ""]), undefined);
    assert.equal(told([]), undefined);
  });

  test("the one that is written in comes before others like it", () => {
    const [first, second] = texts("failed", "failed");
    assert.equal(worst([first, second], second), second);
    assert.equal(worst([first, { look: "saved" }], { look: "saved" }), first);
  });
});
