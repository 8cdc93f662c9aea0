// The desk's own pure parts: finding a place, who is here, and what the keys mean.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { found } from "fvg/desk/finding";
import { presence } from "fvg/desk/presence";
import { pressed } from "fvg/desk/shortcuts";
import { clock } from "fvg/page";

describe("finding a place by what is typed", () => {
  const PLACES = [
    { words: "§ 1 Mötets öppnande" },
    { words: "§ 2 Ärenden till nämnden" },
    { words: "2 nya tjänster", item: true },
    { words: "Dnr 2026-12: Budget 2027", item: true },
    { words: "§ 12 Övriga frågor" },
  ];
  const hits = (typed, places = PLACES) => found(places, typed).map((place) => place.words);

  test("every word begins a word of the place", () => {
    assert.deepEqual(hits("mö öpp"), ["§ 1 Mötets öppnande"]);
    assert.deepEqual(hits("BUDG"), ["Dnr 2026-12: Budget 2027"]);
    assert.deepEqual(hits("mö frågor"), []);
    assert.deepEqual(hits("nande"), []);
  });

  test("a number is that number, and not the beginning of one", () => {
    assert.deepEqual(hits("1"), ["§ 1 Mötets öppnande"]);
    assert.deepEqual(hits("§ 12"), ["§ 12 Övriga frågor", "Dnr 2026-12: Budget 2027"]);
  });

  test("for a number alone a § comes before the points", () => {
    assert.deepEqual(hits("2", [PLACES[2], PLACES[1]]), ["§ 2 Ärenden till nämnden", "2 nya tjänster"]);
    assert.deepEqual(hits("2 nya", [PLACES[2], PLACES[1]]), ["2 nya tjänster"]);
  });

  test("nothing typed is every place, in its order", () => assert.deepEqual(hits("  "), PLACES.map((place) => place.words)));
});

describe("who is here", () => {
  test("each in words, and oneself last", () => {
    const others = [
      { own: true, where: "§ 3" },
      { who: "Ulla Ek", typing: true, where: "§ 7" },
      { who: "Erik Lind", typing: false, where: "" },
    ];
    assert.equal(presence(others), "Ulla Ek skriver (§ 7) · Erik Lind är här · Du har skrivbordet öppet på ett ställe till (§ 3).");
  });

  test("nobody is no words", () => assert.equal(presence([]), ""));
});

describe("keys", () => {
  const NONE = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, code: "" };
  const does = (event, options) => pressed({ ...NONE, ...event }, options);

  const KEYS = [
    [{ key: "Enter", ctrlKey: true }, "doneAndNext"],
    [{ key: "Enter", metaKey: true }, "doneAndNext"],
    [{ key: "Enter", ctrlKey: true, altKey: true }, null],
    [{ key: "Enter" }, null],
    [{ key: "k", ctrlKey: true }, "search"],
    [{ key: "K", metaKey: true }, "search"],
    [{ key: "k", ctrlKey: true, shiftKey: true }, null],
    [{ key: "k", ctrlKey: true, altKey: true }, null], // a link in the editor
    [{ key: "ArrowDown", code: "ArrowDown", altKey: true }, "next"],
    [{ key: "ArrowUp", code: "Numpad8", altKey: true }, "previous"],
    [{ key: "ArrowDown", code: "ArrowDown" }, null],
    [{ key: "ArrowDown", code: "ArrowDown", altKey: true, shiftKey: true }, null],
    [{ key: "˜", code: "KeyN", altKey: true }, "newItem"], // whatever letter Alt makes of it
    [{ key: "j", code: "KeyJ", altKey: true }, "nextText"],
    [{ key: "i", code: "KeyI", altKey: true }, "noComments"],
    [{ key: "m", code: "KeyM", altKey: true }, "writeStandard"],
    [{ key: "m", code: "KeyM", altKey: true, ctrlKey: true }, null],
    [{ key: "l", code: "KeyL", altKey: true }, null], // promise.js
    [{ key: "F6" }, "nextRegion"],
    [{ key: "F6", shiftKey: true }, "previousRegion"],
    [{ key: "F6", ctrlKey: true }, null],
    [{ key: "F1" }, "keys"],
    [{ key: "F1", altKey: true }, null],
    [{ key: "?", shiftKey: true }, null], // a letter, while one writes
  ];
  for (const [event, wanted] of KEYS) test(`${JSON.stringify(event)} is ${wanted}`, () => assert.equal(does(event), wanted));

  test("? is a key only where nobody writes", () => {
    assert.equal(does({ key: "?", shiftKey: true }, { questionMark: true }), "keys");
    assert.equal(does({ key: "?", altKey: true }, { questionMark: true }), null);
  });
});

test("a time of the day has two figures on each side", () => assert.equal(clock(new Date(2026, 4, 3, 9, 5)), "09:05"));
