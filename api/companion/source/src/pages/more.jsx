// Language, people and phones, and the way out.

import { useState } from "preact/hooks";
import * as accounts from "../accounts.js";
import { open, speak } from "../course.js";
import { waiting } from "../outbox.js";
import { Numbers, Screen } from "../parts.jsx";
import { go, set, state } from "../store.js";
import { t } from "../words.js";
import { Languages, reason } from "./sign-in.jsx";

export function More() {
  const { me, accounts: known, account } = state;
  const [problem, tell] = useState(null);
  const others = known.filter((one) => one.id !== account.id);
  return (
    <Screen name="more" heading={t("more.heading")}>
      <section class="card">
        <h2>{t("more.language")}</h2>
        <Languages onChoose={(language) => speak(language).catch(tell)} />
        {problem && <p class="error" role="alert">{reason(problem)}</p>}
      </section>
      <section class="card"><h2>{me.clinic.name}</h2><Numbers /></section>
      <section class="card">
        <h2>{t("more.people")}</h2>
        <p>{t("more.signed_in", { name: me.first_name })}</p>
        {others.map((one) => <button class="button second" type="button" key={one.id} onClick={() => open(one)}>{t("more.switch", { name: one.name })}</button>)}
        <button class="button second" type="button" onClick={() => go("sign-in", {})}>{t("more.add")}</button>
        <SignOut />
      </section>
      <section class="card">
        <h2>{t("more.install_heading")}</h2>
        {state.install
          ? <button class="button second" type="button" onClick={install}>{t("more.install_now")}</button>
          : <p>{t("more.install")}</p>}
        <p class="quiet">{t(account.own ? "more.kept_own" : "more.kept_tab")}</p>
      </section>
    </Screen>
  );
}

async function install() {
  const { install: asked } = state;
  set({ install: null }); // a browser lets itself be asked once
  await asked.prompt();
}

function SignOut() {
  const [asked, ask] = useState(0);
  async function first() {
    const unsent = (await waiting(state.account.id)).length;
    if (unsent) ask(unsent);
    else await leave();
  }
  if (!asked) return <button class="link" type="button" onClick={first}>{t("more.sign_out")}</button>;
  return (
    <div class="card notice" role="alertdialog" aria-labelledby="unsent">
      <p id="unsent">{t("more.unsent", { count: asked })}</p>
      <button class="button" type="button" onClick={() => ask(0)}>{t("more.stay")}</button>
      <button class="button second" type="button" onClick={leave}>{t("more.leave")}</button>
    </div>
  );
}

async function leave() {
  const { account } = state;
  set({
    screen: "opening", account: null, accounts: [], me: null, treatments: [], treatment: null, definition: null, tips: null,
    pages: null, reception: null, pending: [], draft: null, photos: [],
  });
  await accounts.signOut(account);
  // A fresh page: nothing of what was shown stays in memory, and Back leads nowhere.
  location.replace("/");
}
