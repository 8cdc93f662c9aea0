// What waits to be told about a person: one thing at a time, with the time at which its key was pressed. Pure functions.

// Adds what a key means. The same key again means: try again, with the time that it had. Another one waits for its turn behind
// what was not sent.
export function enqueue(queue, event) {
  // What an undo takes back, `last`, is known when its turn comes.
  if (queue.at(-1)?.what !== event.what) queue.push({ ...event, last: null });
  return queue;
}

// The event as the server takes it: how long ago the key was pressed, whatever the clocks say.
export function told({ what, channel, last, paragraph, pressed }, now = Date.now()) {
  return { what, channel, last, paragraph, ago: Math.max(0, Math.round((now - pressed) / 1000)) };
}

// Of several: which they are.
export function listed(queue) {
  return queue.length > 1 ? `: ${queue.map((one) => one.words).join(", ")}` : "";
}
