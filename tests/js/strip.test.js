// The attendance strip's pure parts: finding a person, and what waits to be sent.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { found } from "fvg/strip/finding";
import { enqueue, listed, told } from "fvg/strip/queue";

describe("finding a person by the first letters", () => {
  const PEOPLE = [
    { name: "Åsa Berg" },
    { name: "Anna-Lena Ek", waiting: true },
    { name: "Erik Lind" },
    { name: "Cecilia Åberg", waiting: true },
    { name: "Eva Björk", waiting: true },
  ];
  const names = (letters) => found(PEOPLE, letters).map((one) => one.name);

  test("first names before surnames, and those who wait before those who are marked", () => {
    assert.deepEqual(names("e"), ["Eva Björk", "Erik Lind", "Anna-Lena Ek"]);
    assert.deepEqual(names("å"), ["Åsa Berg", "Cecilia Åberg"]);
  });

  test("a letter without its accent means the one with it, unless somebody is spelt just so", () => {
    assert.deepEqual(names("bjork"), ["Eva Björk"]);
    assert.deepEqual(names("a"), ["Anna-Lena Ek"]);
    assert.deepEqual(names("asa"), ["Åsa Berg"]);
  });

  test("a later part of the name, and several parts in a row", () => {
    assert.deepEqual(names("lena ek"), ["Anna-Lena Ek"]);
    assert.deepEqual(names("ERIK L"), ["Erik Lind"]);
    assert.deepEqual(names("x"), []);
  });
});

describe("what waits to be sent", () => {
  const event = (what, pressed) => ({ what, words: what, channel: "", paragraph: "", pressed });

  test("the same key again is the same thing, with the time that it had", () => {
    const queue = enqueue(enqueue([], event("came", 1000)), event("came", 9000));
    assert.deepEqual(queue.map(({ pressed }) => pressed), [1000]);
  });

  test("another one waits for its turn", () => {
    const queue = ["came", "left", "came"].reduce((all, what) => enqueue(all, event(what, 0)), []);
    assert.deepEqual(queue.map(({ what }) => what), ["came", "left", "came"]);
    assert.equal(listed(queue), ": came, left, came");
    assert.equal(listed(queue.slice(1, 2)), "");
  });

  test("tells how long ago the key was pressed, and never that it will be", () => {
    const [wanted] = enqueue([], event("came", 10_000));
    assert.deepEqual(told(wanted, 14_400), { what: "came", channel: "", last: null, paragraph: "", ago: 4 });
    assert.equal(told(wanted, 9_000).ago, 0);
  });
});
