// Keeps what is not saved yet in the browser, by person, address and the version it was written from, so that it outlives the
// page.
import { holds } from "fvg/autosave/words";

export class Kept {
  // `storage` is a function, since only asking for it may be forbidden.
  constructor(storage, who, address) {
    this.storage = storage;
    this.prefix = `draft:${who}:${address}:`;
    this.asidePrefix = `draft:kept:${who}:${address}:`;
  }

  // Storage that is full or forbidden must not stop the saving.
  use(action) {
    try {
      return action(this.storage());
    } catch {
      return null;
    }
  }

  keysFrom(prefix) {
    return this.use((storage) => Object.keys(storage).filter((key) => key.startsWith(prefix))) || [];
  }

  store(fields) {
    this.use((storage) => storage.setItem(this.prefix + fields.version, JSON.stringify(fields)));
  }

  forget() {
    this.use((storage) => this.keysFrom(this.prefix).forEach((key) => storage.removeItem(key)));
  }

  // What an earlier page or a conflict left unsaved gets a name of its own: what is typed and saved from here on does not touch
  // it, and nor does what is put aside in the same moment.
  setAside() {
    this.use((storage) => this.keysFrom(this.prefix).forEach((key) => {
      const version = key.slice(this.prefix.length);
      let at = Date.now();
      while (storage.getItem(`${this.asidePrefix}${at}:${version}`) !== null) at += 1;
      storage.setItem(`${this.asidePrefix}${at}:${version}`, storage.getItem(key));
      storage.removeItem(key);
    }));
  }

  asideKeys() {
    return this.keysFrom(this.asidePrefix).sort();
  }

  // What has been put aside: the fields, or null for what cannot be read.
  aside() {
    return this.asideKeys().map((key) => this.read(key));
  }

  read(key) {
    return this.use((storage) => JSON.parse(storage.getItem(key)));
  }

  // The first that was put aside and does not stand in the text as it is now, as {key, fields}; what stands there is forgotten.
  offered(now) {
    for (const key of this.asideKeys()) {
      const fields = this.read(key);
      if (fields && !holds(now, fields)) return { key, fields };
      this.forgetAside(key);
    }
    return null;
  }

  forgetAside(key) {
    this.use((storage) => storage.removeItem(key));
  }
}
