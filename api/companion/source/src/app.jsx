// The patient's page.

import { Component, render } from "preact";
import * as accounts from "./accounts.js";
import { open, update } from "./course.js";
import { signInAgain } from "./ended-session.js";
import * as outbox from "./outbox.js";
import { Answer } from "./pages/answer.jsx";
import { CheckIn } from "./pages/check-in.jsx";
import { Course } from "./pages/course.jsx";
import { Home } from "./pages/home.jsx";
import { Learn, Page } from "./pages/learn.jsx";
import { More } from "./pages/more.jsx";
import { SignIn } from "./pages/sign-in.jsx";
import { Tabs, Top } from "./parts.jsx";
import { StillUrgent } from "./still-urgent.jsx";
import { go, set, state, useStore } from "./store.js";
import { UNRESOLVED } from "./told.js";
import { emergencyAnywhere, guessed, spokenBy, t } from "./words.js";
import { useEffect } from "preact/hooks";

const SCREENS = {
  "sign-in": SignIn, home: Home, "check-in": CheckIn, answer: Answer, course: Course, learn: Learn, page: Page, more: More,
};
const MINUTE = 60_000;
const ASK_AGAIN = 3 * MINUTE;
const WITH_TABS = ["home", "course", "learn", "page", "more"];

function App() {
  const { screen, language } = useStore();
  useEffect(() => { document.documentElement.lang = language; }, [language]);
  useEffect(() => { if (WITH_TABS.includes(screen)) signInAgain(); }, [screen]);
  const Shown = SCREENS[screen];
  if (!Shown) return null;
  return (
    <>
      <Top />
      <StillUrgent />
      <Shown />
      {WITH_TABS.includes(screen) && <Tabs />}
    </>
  );
}

// A page that breaks still says whom to call.
class Whole extends Component {
  componentDidCatch(error) {
    this.setState({ broken: true });
    reportError(error);
  }

  render({ children }, { broken }) {
    if (!broken) return children;
    return (
      <>
        <Top />
        <main class="page">
          <p class="lead" role="alert">{t("problems.server")}</p>
          <button class="button" type="button" onClick={() => location.reload()}>{t("course.again")}</button>
          <p class="quiet">{emergencyAnywhere()}</p>
        </main>
      </>
    );
  }
}

// What is told of the nurses' work is as old as this at most while the page is looked at.
function askAgain() {
  const followed = state.treatments.some((one) => UNRESOLVED.includes(one.follow_up?.state));
  if (followed && !document.hidden && state.account?.token) update();
}

async function begin() {
  const invitation = /^\/([A-Za-z0-9_-]{22})$/.exec(location.pathname)?.[1];
  set({ language: invitation ? spokenBy(invitation) : guessed() });
  render(<Whole><App /></Whole>, document.getElementById("app"));
  setInterval(() => set({}), MINUTE); // days and countdowns go on while the page is open
  setInterval(askAgain, ASK_AGAIN);
  document.addEventListener("visibilitychange", askAgain);
  const known = await accounts.all();
  set({ accounts: known });
  outbox.keepTrying(update);
  if (invitation || !known.length) go("sign-in", { invitation }, "stay");
  else await open(known[0]);
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  set({ install: event });
});
begin().catch((error) => {
  go("sign-in", {}, "stay");
  throw error;
});
navigator.serviceWorker?.register("/sw.js", { scope: "/" }).catch(() => null);
