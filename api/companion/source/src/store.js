// What the page knows now, and where it stands.

import { useLayoutEffect, useState } from "preact/hooks";

const HOME = "/check-in";
const listeners = new Set();

export const state = {
  screen: "opening", // which screen is shown, and with what: see `go`
  with: {},
  language: "en",
  accounts: [], // who is signed in on this device, see accounts.js
  account: null,
  me: null,
  reception: null, // where nobody is signed in: a clinic as { name, phone }, the number that answered when it was asked for
  treatments: [],
  treatment: null, // the newest, unless its patient chose another or is answering about one
  chosen: null,
  definition: null, // the questionnaire of the treatment
  tips: null,
  pages: null,
  words: null, // what this page says as the clinic's director signed it, as { language, words }
  install: null, // where the browser offers to put the page on the home screen: its offer
  pending: [], // what is not sent yet, see outbox.js
  online: navigator.onLine,
};

export function set(changes) {
  Object.assign(state, changes);
  for (const listener of listeners) listener();
}

export function useStore() {
  const [, again] = useState(0);
  // Before anything else can happen: a change between drawing and listening would never be shown.
  useLayoutEffect(() => {
    const listener = () => again((count) => count + 1);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return state;
}

// The address never says more than that this is the page: what is on the screen stands in the history's
// state by name, and never what somebody answered.
export function go(screen, extra = {}, how = "push") {
  set({ screen, with: extra });
  const kept = { screen, step: extra.step ?? null, topic: extra.topic ?? null };
  if (how !== "stay") history[how === "push" ? "pushState" : "replaceState"](kept, "", HOME);
}

addEventListener("popstate", ({ state: kept }) => {
  if (!kept?.screen || !state.account) return;
  const gone = kept.screen === "check-in" && !state.draft;
  if (gone || kept.screen === "answer") go("home", {}, "replace");
  else set({ screen: kept.screen, with: { step: kept.step, topic: kept.topic } });
});
