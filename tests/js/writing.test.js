// What is made of typed words at the desk: lines, phrases and promises.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { expanded, genitiveEnd, mentions, speaker } from "fvg/lines/statement";
import { choices, offered } from "fvg/phrases/choices";
import { sentenceAt } from "fvg/promise/sentence";

const PARTIES = [
  { id: 1, name: "Vision", abbreviations: ["V"], formers: [] },
  { id: 2, name: "Sveriges Lärare", abbreviations: ["SL"], formers: ["Lärarnas Riksförbund", "LR"] },
  { id: 3, name: "ST", abbreviations: [], formers: [] },
  { id: 4, name: "Kommunal", abbreviations: ["K"], formers: [] },
  { id: 5, name: "arbetsgivaren", abbreviations: ["AG"], formers: [] },
];
const said = (line) => expanded(line, PARTIES);

describe("a line that says who said what", () => {
  test("becomes a sentence with chips, the speakers in bold", () => {
    assert.equal(said("v: stödjer SL"), "**[Vision](party:1)** stödjer [Sveriges Lärare](party:2).");
    assert.equal(said("v, k och sl: håller med"), "**[Vision](party:1)**, **[Kommunal](party:4)** och **[Sveriges Lärare](party:2)** håller med.");
  });

  test("says each speaker once, and ends as it did when it had an end", () => {
    assert.equal(said("LR, sl: är det klart?"), "**[Sveriges Lärare](party:2)** är det klart?");
  });

  test("is left alone when the speaker is not certain, or nothing is said", () => {
    for (const line of ["x: hej", "s: hej", "v:hej", "v: 14.30", "v:", "kl. 10: paus", "bara ord", "v, x: hej"]) assert.equal(said(line), line);
  });

  test("a name in running words counts as it is spelt, an abbreviation however it is typed", () => {
    const names = (words) => mentions(words, PARTIES).map(({ party, genitive }) => [party.id, genitive]);
    assert.deepEqual(names("en vision för Vision och slS"), [[1, false], [2, true]]);
    assert.deepEqual(names("5 st, men ST"), [[3, false]]);
    assert.deepEqual(mentions("SL", []), []);
  });

  test("a speaker is one party, or none", () => {
    assert.equal(speaker("kom", PARTIES).id, 4);
    assert.equal(speaker("  ", PARTIES), null);
    assert.equal(speaker("V", [PARTIES[0], { id: 9, name: "v" }]), null);
  });

  test("a genitive adds an s, but not after one", () => {
    assert.deepEqual(["Vision", "Lärarnas", "Max", "Fritz"].map(genitiveEnd), ["s", "", "", ""]);
  });
});

describe("phrases behind /", () => {
  const PHRASES = [
    { key: "justering", words: "Protokollet justeras av {namn}." },
    { key: "oen", words: "Ingen anmälde oenighet." },
    { key: "just", words: "Till att justera valdes {namn}." },
  ];
  const labels = (typed) => offered(PHRASES, typed).map((one) => one.label);

  test("the key itself first, then keys that begin so, then words that do", () => {
    assert.deepEqual(labels("just"), ["/just", "/justering"]);
    assert.deepEqual(labels("OENIG"), ["/oen"]);
    assert.deepEqual(labels("ätt"), []);
    assert.equal(labels("").length, 3);
  });

  test("a slot is shown in brackets", () => assert.equal(offered(PHRASES, "just")[0].words, "Till att justera valdes [namn]."));

  const fill = (name, slots, typed, now) => choices(name, slots, PARTIES, typed, now).map(({ words }) => words);

  test("a slot is filled with what agrees with what was typed, and last with that itself", () => {
    assert.deepEqual(fill("namn", { namn: ["Ulla Ek", "Erik Lind"] }, ""), ["Ulla Ek", "Erik Lind"]);
    assert.deepEqual(fill("namn", { namn: ["Ulla Ek", "Erik Lind"] }, "ek"), ["Ulla Ek", "ek"]);
    assert.deepEqual(fill("namn", { namn: ["Ulla Ek"] }, "ulla ek"), ["Ulla Ek"]);
    assert.deepEqual(fill("namn", {}, "Bo"), []);
  });

  test("a party is a chip, an appendix a reference, and a time begins with now", () => {
    assert.deepEqual(choices("part", { part: [{ id: 2, name: "Sveriges Lärare" }] }, PARTIES, "sl"), [
      { words: "Sveriges Lärare", hint: "SL", party: "2" }, { words: "sl", hint: "som du skrev", kept: true },
    ]);
    assert.deepEqual(choices("bilaga", { bilaga: [{ id: 8, number: 1, title: "Budget" }] }, [], "bud")[0].ref, "appendix:8");
    assert.deepEqual(fill("tid", { tid: ["10:00"] }, "", new Date(2026, 0, 1, 8, 7)), ["08:07", "10:00"]);
  });
});

describe("the sentence at the caret", () => {
  const SHORT = new Set(["bl.a", "kl", "ca"]);
  const TEXT = "Chefen återkommer kl. 10. Vision frågar om bl.a. lokalen! Svaret gavs av A. Ek den 3. maj.\nNy rad";
  const at = (words) => sentenceAt(TEXT, TEXT.indexOf(words) + 1, SHORT);

  test("ends at its full stop, not at an abbreviation's, an initial's or a number's before a small letter", () => {
    assert.equal(at("återkommer"), "Chefen återkommer kl. 10.");
    assert.equal(at("lokalen"), "Vision frågar om bl.a. lokalen!");
    assert.equal(at("maj"), "Svaret gavs av A. Ek den 3. maj.");
  });

  test("a new line is a new sentence", () => assert.equal(at("Ny"), "Ny rad"));

  test("behind the last full stop it is still the last one", () => {
    assert.equal(sentenceAt("Ett. Två.", 9, SHORT), "Två.");
    assert.equal(sentenceAt("Ett. Två. ", 10, SHORT), "Två.");
    assert.equal(sentenceAt("", 0, SHORT), "");
  });
});
