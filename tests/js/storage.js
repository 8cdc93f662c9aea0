// A storage as the browser has it, for tests: its own keys are what is stored.
const METHODS = {
  getItem(key) { return Object.hasOwn(this, key) ? this[key] : null; },
  setItem(key, value) { this[key] = String(value); },
  removeItem(key) { delete this[key]; },
};

export const storage = () => Object.create(METHODS);
