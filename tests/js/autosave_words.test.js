// What a text's answers, copies and comparisons come to.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "fvg/autosave/answers";
import { Kept } from "fvg/autosave/kept";
import { follower } from "fvg/autosave/text";
import { capital, excerpt, holds, sameText, sentWhenLeft } from "fvg/autosave/words";
import { storage } from "./storage.js";

describe("the server's answer", () => {
  const ANSWERS = [
    [{ status: 200, data: { version: 2 } }, "stored"],
    [{ status: 200, data: null }, "unanswered"], // a page, from something between
    [{ status: 401, data: null }, "loggedOut"],
    [{ status: 403, data: null }, "barred"],
    [{ status: 404, data: null }, "barred"],
    [{ status: 409, data: { mine: "", theirs: "" } }, "differs"],
    [{ status: 409, data: { message: "Låst." } }, "closed"],
    [{ status: 409, data: null }, "closed"],
    [{ status: 422, data: { errors: { text: ["För långt."] } } }, "refused"],
    [{ status: 422, data: null }, "unanswered"],
    [{ status: 400, data: null }, "refused"],
    [{ status: 413, data: null }, "refused"],
    [{ status: 500, data: null }, "unanswered"],
    [{ status: 503, data: null }, "unanswered"],
    [null, "unanswered"],
  ];
  for (const [answer, event] of ANSWERS) {
    test(`${JSON.stringify(answer)} is ${event}`, () => assert.equal(read(answer).event, event));
  }

  test("whatever is not saved says so", () => {
    for (const [answer, event] of ANSWERS) {
      if (event === "stored" || event === "differs") continue;
      assert.match(read(answer).words, /^(Inte sparat|Pausat)/);
    }
  });

  test("says who is logged in instead, and why words are refused", () => {
    assert.equal(read({ status: 401, data: { who: "Ulla Ek" } }).words, "Inte sparat – Ulla Ek är inloggad här");
    assert.equal(read({ status: 401, data: null }).words, "Inte sparat – du är utloggad");
    assert.equal(read({ status: 422, data: { errors: { text: ["För långt."], outcome: ["Välj."] } } }).title, "För långt. Välj.");
    assert.equal(read({ status: 409, data: { message: "Låst." } }).title, "Låst.");
  });
});

describe("what is kept", () => {
  const kept = (where, who = "1") => new Kept(() => where, who, "/save/7/");

  test("outlives the page, by person and address", () => {
    const where = storage();
    kept(where).store({ version: "3", text: "Hej" });
    kept(where, "2").setAside();
    assert.equal(kept(where, "2").offered({ text: "" }), null);
    assert.equal(new Kept(() => where, "1", "/save/8/").offered({ text: "" }), null);
    kept(where).setAside();
    assert.deepEqual(kept(where).offered({ text: "" }).fields, { version: "3", text: "Hej" });
  });

  test("is not offered, and is forgotten, when it stands in the text already", () => {
    const where = storage();
    kept(where).store({ version: "3", text: "Nämnden beslutar." });
    kept(where).setAside();
    assert.equal(kept(where).offered({ text: "Nämnden  beslutar, och mer" }), null);
    assert.deepEqual(Object.keys(where), []);
  });

  test("the oldest comes first; what is set aside in one moment stays apart; what cannot be read is forgotten", () => {
    const where = storage();
    for (const text of ["ett", "två"]) {
      kept(where).store({ version: "3", text });
      kept(where).setAside();
    }
    assert.deepEqual(kept(where).aside().map((fields) => fields.text), ["ett", "två"]);
    assert.equal(kept(where).offered({ text: "" }).fields.text, "ett");
    where.setItem("draft:kept:1:/save/7/:0:3", "{");
    assert.equal(kept(where).offered({ text: "ett" }).fields.text, "två");
    assert.equal(Object.keys(where).length, 1);
  });

  test("a storage that is full or forbidden stops nothing", () => {
    const forbidden = new Kept(() => { throw new Error("SecurityError"); }, "1", "/save/7/");
    forbidden.store({ version: "1", text: "Hej" });
    forbidden.setAside();
    forbidden.forget();
    assert.equal(forbidden.offered({ text: "" }), null);
    const full = storage();
    full.setItem = () => { throw new Error("QuotaExceededError"); };
    kept(full).store({ version: "1", text: "Hej" });
    assert.deepEqual(kept(full).asideKeys(), []);
  });
});

describe("two texts", () => {
  test("are the same when words and outcome are", () => {
    assert.equal(sameText({ text: "a" }, { text: "a", outcome: "" }), true);
    assert.equal(sameText({ text: "a", outcome: "approved" }, { text: "a" }), false);
    assert.equal(sameText({ text: "a" }, { text: "b" }), false);
    assert.equal(sameText(null, { text: "b" }), false);
  });

  test("one holds another whatever stands between the letters, with the same outcome", () => {
    assert.equal(holds({ text: "Enligt förslaget." }, { text: "enligt förslaget" }), false);
    assert.equal(holds({ text: "Ja: enligt\n\nförslaget!" }, { text: "enligt förslaget." }), true);
    assert.equal(holds({ text: "Ja", outcome: "" }, { text: "Ja", outcome: "approved" }), false);
  });

  test("the other's is one's own when it was kept here and stands in what is sent", () => {
    assert.equal(sentWhenLeft("Hej", { text: "Hej på dig" }, [{ text: "Hej" }]), true);
    assert.equal(sentWhenLeft("Hej", { text: "Nej" }, [{ text: "Hej" }]), false);
    assert.equal(sentWhenLeft("Hej", { text: "Hej på dig" }, [null, { text: "Hejdå" }]), false);
  });

  test("an excerpt stops after three hundred characters", () => {
    assert.equal(excerpt({ text: "kort" }), "kort");
    assert.equal(excerpt({ text: "x".repeat(301) }), `${"x".repeat(300)} …`);
    assert.equal(excerpt({}), "");
  });

  test("a name begins a sentence", () => assert.equal(capital("ulla Ek"), "Ulla Ek"));
});

describe("a place in the text", () => {
  // A fragment of the editor's, as far as it is asked: where two begin and end to differ.
  const fragment = (words) => ({
    words,
    size: words.length,
    findDiffStart: (other) => {
      const at = [...words].findIndex((letter, place) => letter !== other.words[place]);
      return at < 0 ? (other.words.length > words.length ? words.length : null) : at;
    },
    findDiffEnd: (other) => {
      let same = 0;
      while (same < words.length && words.at(-1 - same) === other.words.at(-1 - same)) same += 1;
      return { a: words.length - same, b: other.words.length - same };
    },
  });
  const moved = (old, now, place) => follower(fragment(old), fragment(now))(place);

  test("stays before a change, and moves along after it", () => {
    assert.equal(moved("abcdef", "abXXcdef", 1), 1);
    assert.equal(moved("abcdef", "abXXcdef", 4), 6);
    assert.equal(moved("abXXcdef", "abcdef", 6), 4);
    assert.equal(moved("abcdef", "abcdef", 3), 3);
  });

  test("stays inside the text", () => {
    assert.equal(moved("abcdef", "ab", 6), 2);
    assert.equal(moved("abXXcd", "abcd", 3), 2);
  });
});
