// What the server's answer says about the text: which event of states.js it is, and the words for it.
const COPY = "Kopiera texten om du vill ha den kvar.";

// `answer` is what post() gives, or null when nothing came.
export function read(answer) {
  const { status, data } = answer || {};
  if (status === 200 && data) return { event: "stored" };
  if (status === 401) {
    const why = data?.who ? `${data.who} är inloggad här` : "du är utloggad";
    return { event: "loggedOut", words: `Inte sparat – ${why}` };
  }
  if (status === 403) {
    return {
      event: "barred",
      words: "Inte sparat – du får inte ändra längre",
      title: "Du får inte ändra den här texten längre. Kopiera den om du vill ha den kvar.",
    };
  }
  if (status === 404) {
    return { event: "barred", words: "Inte sparat – texten finns inte längre", title: `Någon har tagit bort punkten. ${COPY}` };
  }
  if (status === 409 && data && "mine" in data) return { event: "differs" };
  if (status === 409) {
    const title = data?.message || "Protokollet kan inte ändras nu. Din text står kvar här.";
    return { event: "closed", words: "Pausat: texten är låst", title };
  }
  if (status === 422 && data) return refused(Object.values(data.errors).flat().join(" "));
  if (status === 400 || status === 413) {
    return refused("Texten är för stor för att sparas. Dela upp den eller lägg den som bilaga.");
  }
  return UNANSWERED;
}

const refused = (title) => ({ event: "refused", words: "Inte sparat – se felet vid texten", title });

export const UNANSWERED = { event: "unanswered", words: "Inte sparat – försöker igen" };
