// What the keys of the desk mean: a pure function on the event.
// The key (as it is written, or by its place on the keyboard) → what it does
const ALT = {
  ArrowDown: "next", ArrowUp: "previous", KeyN: "newItem", KeyJ: "nextText", KeyI: "noComments", KeyM: "writeStandard",
};

// `questionMark`: whether ? is a key at all now; while one writes it is a letter.
export function pressed({ key, code, ctrlKey, metaKey, altKey, shiftKey }, { questionMark = false } = {}) {
  const ctrl = ctrlKey || metaKey;
  if (ctrl && !altKey && key === "Enter") return "doneAndNext";
  if (ctrl && !altKey && !shiftKey && key.toLowerCase() === "k") return "search";
  if (altKey && !ctrl && !shiftKey && (ALT[key] || ALT[code])) return ALT[key] || ALT[code];
  if (key === "F6" && !ctrl) return shiftKey ? "previousRegion" : "nextRegion";
  if (key === "F1" && !ctrl && !altKey) return "keys";
  if (key === "?" && !ctrl && !altKey && questionMark) return "keys";
  return null;
}
