// What the scripts of a page share: an element, a word for whoever listens, and a POST that survives a new log-in in another tab.
const PATIENCE = 15000;

export function make(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// 9:05 in the morning → "09:05"
export const clock = (time) => `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;

// Read aloud. What comes within a moment of something else is read together with it, so that neither cuts the other off; of two
// words `about` the same thing only the later counts.
const MOMENT = 700;
let heard = [];

export function say(words, about = "") {
  const region = document.getElementById("save-announcement");
  if (!region) return;
  const now = Date.now();
  heard = heard.filter((one) => one.at > now - MOMENT && !(about && one.about === about) && one.words !== words);
  heard.push({ words, about, at: now });
  region.textContent = heard.map(({ words: said }, place) => (place === heard.length - 1 || /[.!?…]$/.test(said) ? said : `${said}.`)).join(" ");
}

// {status, ok, data}: data is the answer's JSON, or null. Throws when there was no answer in time, or when a new token is needed
// and not to be had. `background`: nobody did this, so the session goes on growing old.
export async function post(url, fields, options = {}) {
  const answer = await send(url, fields, options);
  if (answer.status !== 403 || options.keepalive) return answer;
  if (!(await renewToken())) throw new Error("no token");
  return send(url, fields, options);
}

async function send(url, fields, { background = false, keepalive = false }) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    const headers = { "X-Requested-With": "fetch", Accept: "application/json", "X-CSRFToken": token };
    if (background) headers["X-Background"] = "1";
    const body = new URLSearchParams(fields);
    body.delete("csrfmiddlewaretoken"); // the header has the one that holds now
    const answer = await fetch(url, { method: "POST", headers, body, keepalive, signal: stop.signal, redirect: "error" });
    const json = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    return { status: answer.status, ok: answer.ok, data: json ? await answer.json() : null };
  } finally {
    clearTimeout(timer);
  }
}

// After a new log-in the page's token is too old: take one from the page as it is now.
async function renewToken() {
  try {
    const answer = await fetch(location.pathname, { headers: { "X-Requested-With": "fetch", "X-Background": "1" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("input[name=csrfmiddlewaretoken]");
    if (!answer.ok || !token) return false;
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token.value;
    return true;
  } catch {
    return false;
  }
}
