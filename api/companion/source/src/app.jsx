// The patient's page.

import { render } from "preact";
import * as accounts from "./accounts.js";
import { open } from "./course.js";
import * as outbox from "./outbox.js";
import { Answer } from "./pages/answer.jsx";
import { CheckIn } from "./pages/check-in.jsx";
import { Course } from "./pages/course.jsx";
import { Home } from "./pages/home.jsx";
import { Learn, Page } from "./pages/learn.jsx";
import { More } from "./pages/more.jsx";
import { SignIn } from "./pages/sign-in.jsx";
import { Tabs, Top } from "./parts.jsx";
import { go, set, useStore } from "./store.js";
import { guessed } from "./words.js";
import { useEffect } from "preact/hooks";

const SCREENS = {
  "sign-in": SignIn, home: Home, "check-in": CheckIn, answer: Answer, course: Course, learn: Learn, page: Page, more: More,
};
const WITH_TABS = ["home", "course", "learn", "page", "more"];

function App() {
  const { screen, language } = useStore();
  useEffect(() => { document.documentElement.lang = language; }, [language]);
  const Shown = SCREENS[screen];
  if (!Shown) return null;
  return (
    <>
      <Top />
      <Shown />
      {WITH_TABS.includes(screen) && <Tabs />}
    </>
  );
}

async function begin() {
  set({ language: guessed() });
  render(<App />, document.getElementById("app"));
  const invitation = /^\/([A-Za-z0-9_-]{22})$/.exec(location.pathname)?.[1];
  const known = await accounts.all();
  set({ accounts: known });
  outbox.keepTrying();
  if (invitation || !known.length) go("sign-in", { invitation }, "stay");
  else await open(known[0]);
}

begin();
navigator.serviceWorker?.register("/sw.js", { scope: "/" }).catch(() => null);
