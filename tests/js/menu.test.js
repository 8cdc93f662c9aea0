// Whoever logs out leaves no draft behind, and a form with a button that is called action is sent as any other.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../static/js/menu.js", import.meta.url), "utf8");

// The page's document as far as the script asks for it; what is kept is an object with its keys, as storage is.
function page() {
  const kept = Object.defineProperty({ "draft:1": "text", other: "x" }, "removeItem", { value(key) { delete this[key]; } });
  const heard = {};
  const document = { addEventListener: (kind, told) => { heard[kind] = told; }, querySelectorAll: () => [] };
  vm.runInNewContext(SOURCE, { document, sessionStorage: kept, Object });
  return { kept, submit: (attribute, action) => heard.submit({ defaultPrevented: false, target: { action, getAttribute: () => attribute } }) };
}

describe("a form that is sent", () => {
  let shown;
  beforeEach(() => { shown = page(); });

  test("to log out takes the drafts with it, and nothing else", () => {
    shown.submit("/konto/logout/", "http://localhost/konto/logout/");
    assert.deepEqual(Object.keys(shown.kept), ["other"]);
  });

  test("with a button called action is no error, and no log-out", () => {
    shown.submit("/konto/password/reset/key/1-set/", { tagName: "BUTTON" });
    shown.submit(null, { tagName: "BUTTON" });
    assert.deepEqual(Object.keys(shown.kept), ["draft:1", "other"]);
  });
});
