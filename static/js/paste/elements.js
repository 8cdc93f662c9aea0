// Elements of a document that is never shown: what is pasted is copied into it.
export const empty = () => document.implementation.createHTMLDocument("");

export function make(near, tag, ...children) {
  const made = near.ownerDocument.createElement(tag);
  made.append(...children);
  return made;
}
