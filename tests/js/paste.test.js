// The characters and markers of what is pasted. The clipboards themselves are tested in a browser.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { tidied, tidiedText } from "fvg/paste/characters";
import { levelByMargin, numbersOf } from "fvg/paste/lists";

describe("characters", () => {
  test("what is drawn as nothing goes, and a tab stays", () => {
    assert.equal(tidied("a\u200bb\u00adc\ufeff\td\u0007"), "abc\td");
  });

  test("a symbol of a font of symbols is a bullet, unless the server knows what it draws", () => {
    assert.equal(tidied("\uf0b7 ett"), "• ett");
    assert.equal(tidied("\uf0e0"), "\uf0e0");
  });

  test("a no-break space stays where Swedish has one", () => {
    assert.equal(tidied("§\u00a07, 12\u00a0000\u00a0kr, den\u00a03"), "§\u00a07, 12\u00a0000\u00a0kr, den\u00a03");
    assert.equal(tidied("ett\u00a0ord,\u00a0\u00a02"), "ett ord, 2");
    assert.equal(tidied("\u00a07", "§"), "\u00a07");
  });

  test("the separators of lines and paragraphs are new lines", () => assert.equal(tidied("a\u2028b\u2029c"), "a\nb\nc"));

  test("one line of text stays one; the lines of several end in one way", () => {
    assert.equal(tidiedText("  ett ord\r\n"), "  ett ord");
    assert.equal(tidiedText("ett\r\ntvå\rtre\ffyra"), "ett\ntvå\ntre\nfyra");
    assert.equal(tidiedText("avdel\u00ad\nning"), "avdel-\nning");
  });
});

describe("lists", () => {
  test("what number a marker means, the likeliest first", () => {
    assert.deepEqual(numbersOf("3."), [3]);
    assert.deepEqual(numbersOf("2.11)"), [11]);
    assert.deepEqual(numbersOf("c)"), [3]);
    assert.deepEqual(numbersOf("i."), [1, 9]);
    assert.deepEqual(numbersOf("v)"), [22, 5]);
    assert.deepEqual(numbersOf("xiv."), [14]);
    assert.deepEqual(numbersOf("(b)"), [2]);
  });

  test("a bullet means none", () => {
    for (const marker of ["•", "-", "o", "–", ""]) assert.deepEqual(numbersOf(marker), []);
  });

  test("how deep a margin is, in Word's steps", () => {
    assert.equal(levelByMargin("margin-left:36.0pt"), 1);
    assert.equal(levelByMargin("margin-left:1.0in;text-indent:-.25in"), 2);
    assert.equal(levelByMargin("margin:0cm 0cm 0cm 3.81cm"), 3);
    assert.equal(levelByMargin("margin-left:960px"), 6);
    assert.equal(levelByMargin("color:red"), 1);
  });
});
