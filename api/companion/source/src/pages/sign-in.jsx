// Signing in: with the invitation in the address or a code by text, and always the second secret.

import { useEffect, useState } from "preact/hooks";
import * as accounts from "../accounts.js";
import { call } from "../api.js";
import { open } from "../course.js";
import { answering } from "../hours.js";
import { Screen, WithNumber, dialled } from "../parts.jsx";
import { set, state } from "../store.js";
import { LANGUAGES, emergencyAnywhere, has, nameOf, t } from "../words.js";

export function SignIn() {
  const { invitation, ended } = state.with;
  const [way, choose] = useState(invitation ? "invitation" : "phone");
  useEffect(() => {
    const ask = () => { if (!document.hidden) receive(invitation, ended); };
    ask();
    document.addEventListener("visibilitychange", ask); // a page left open by day is found at night
    return () => document.removeEventListener("visibilitychange", ask);
  }, [invitation]);
  const heading = ended ? t("sign_in.ended_heading") : t("sign_in.heading");
  return (
    <Screen name={`sign-in-${way}`} heading={heading}>
      {ended && <p class="lead">{t(state.pending.length ? "sign_in.ended_unsent" : "sign_in.ended", { name: ended.name })}</p>}
      <Still />
      {way === "invitation"
        ? <ByInvitation invitation={invitation} other={() => choose("phone")} />
        : <ByCode />}
      {state.reception && <Reception clinic={state.reception} />}
      <p class="quiet">{emergencyAnywhere()}</p>
      <Languages />
      <p class="foot-link"><a href="/console">{t("sign_in.staff")}</a></p>
    </Screen>
  );
}

// Whose page this is and which number answers now, before anybody has signed in. Without a network it is what an
// account on this phone knows.
async function receive(invitation, ended) {
  const kept = (ended ?? state.accounts[0])?.snapshot?.me.clinic;
  if (kept && !invitation) set({ reception: { name: kept.name, phone: answering(kept).number } });
  try {
    const { clinic } = await call("POST", "/patient/reception", { body: { invitation } });
    if (clinic) set({ reception: clinic });
  } catch (error) {
    if (!error.kind) throw error;
  }
}

function Still() {
  const signedIn = state.accounts.filter((one) => one.token);
  if (!signedIn.length) return null;
  return (
    <section class="card" aria-label={t("sign_in.still")}>
      <p>{t("sign_in.still")}</p>
      {signedIn.map((one) => (
        <button class="button second" type="button" key={one.id} onClick={() => open(one)}>{t("sign_in.continue", { name: one.name })}</button>
      ))}
    </section>
  );
}

export function Languages({ onChoose = (language) => set({ language }) }) {
  return (
    <fieldset class="languages">
      <legend class="unseen">{t("more.language")}</legend>
      {LANGUAGES.map((one) => (
        <label key={one} lang={one}>
          <input type="radio" name="language" value={one} checked={state.language === one} onChange={() => onChoose(one)} />
          <span>{nameOf(one)}</span>
        </label>
      ))}
    </fieldset>
  );
}

// What a problem says to a patient; the name of its type is ours.
export function reason(error) {
  const key = error.kind?.replaceAll("-", "_");
  if (error.kind === undefined) throw error;
  return t(`problems.${has("problems", key) ? key : "server"}`);
}

function useTry(work) {
  const [problem, tell] = useState(null);
  const [busy, wait] = useState(false);
  async function submit(event) {
    event.preventDefault();
    wait(true);
    tell(null);
    try {
      await work(new FormData(event.target));
    } catch (error) {
      tell(error);
    } finally {
      wait(false);
    }
  }
  return { problem, tell, busy, submit };
}

function Alert({ problem, text }) {
  return <p class="error" role="alert" hidden={!problem && !text}>{text ?? (problem ? reason(problem) : "")}</p>;
}

function Secret() {
  return (
    <>
      <label class="field" for="secret">{t("sign_in.secret")}</label>
      <input id="secret" name="secret" inputMode="numeric" autoComplete="off" autoCapitalize="none" spellCheck={false}
        maxLength={64} required aria-describedby="secret-hint" />
      <p class="quiet" id="secret-hint">{t("sign_in.hint")}</p>
      <label class="tick">
        <input type="checkbox" name="own" aria-describedby="own-hint" />
        <span>{t("sign_in.own")}<small id="own-hint">{t("sign_in.own_hint")}</small></span>
      </label>
    </>
  );
}

async function enter(body, data) {
  const account = await accounts.signIn({ ...body, secret: data.get("secret").trim() }, { own: data.has("own") });
  await open(account, { fresh: true });
}

function ByInvitation({ invitation, other }) {
  const [renewed, ask] = useState(false);
  const [over, end] = useState(false);
  const { problem, tell, busy, submit } = useTry((data) => enter({ invitation }, data).catch((error) => {
    if (error.kind === "invitation-ended") {
      set({ reception: error.problem.clinic });
      end(true);
    }
    throw error;
  }));
  async function renew() {
    try {
      await call("POST", "/patient/invitations", { body: { invitation } });
      tell(null);
      ask(true);
    } catch (error) {
      tell(error);
    }
  }
  return (
    <form onSubmit={submit}>
      {!over && <p class="lead">{t("sign_in.text")}</p>}
      <Alert problem={problem} />
      {over && (renewed
        ? <p class="card notice" role="status">{t("sign_in.renewed")}</p>
        : <button class="button" type="button" onClick={renew}>{t("sign_in.renew")}</button>)}
      {!over && <><Secret /><button class="button" disabled={busy}>{t("sign_in.button")}</button></>}
      <button class="link" type="button" onClick={other}>{t("sign_in.by_code")}</button>
    </form>
  );
}

function Reception({ clinic }) {
  return (
    <section class="card">
      <h2>{clinic.name}</h2>
      <a class="button second" href={dialled(clinic.phone)}><WithNumber text={t("sign_in.call", { phone: clinic.phone })} number={clinic.phone} /></a>
    </section>
  );
}

function ByCode() {
  const [phone, sentTo] = useState(null);
  const asking = useTry(async (data) => {
    const number = data.get("phone").replace(/[^\d+]/g, "");
    await call("POST", "/patient/codes", { body: { phone: number } });
    sentTo(number);
  });
  const [records, offer] = useState(null);
  const entering = useTry(async (data) => {
    const record = data.get("record") ?? undefined;
    try {
      await enter({ phone, code: data.get("code").replace(/\D/g, ""), record }, data);
    } catch (error) {
      if (!error.problem?.records) throw error;
      offer(error.problem.records);
    }
  });
  if (!phone) {
    return (
      <form onSubmit={asking.submit}>
        <p class="lead">{t("sign_in.phone_text")}</p>
        <Alert problem={asking.problem} />
        <label class="field" for="phone">{t("sign_in.phone")}</label>
        <input id="phone" name="phone" type="tel" autoComplete="tel" required maxLength={32} aria-describedby="phone-hint" />
        <p class="quiet" id="phone-hint">{t("sign_in.phone_hint")}</p>
        <button class="button" disabled={asking.busy}>{t("sign_in.send_code")}</button>
      </form>
    );
  }
  return (
    <form onSubmit={entering.submit}>
      <p class="lead" role="status">{t("sign_in.code_sent")}</p>
      <Alert problem={entering.problem} />
      <label class="field" for="code">{t("sign_in.code")}</label>
      <input id="code" name="code" inputMode="numeric" autoComplete="one-time-code" required maxLength={12} />
      <Secret />
      {records && (
        <fieldset class="card">
          <legend>{t("sign_in.which")}</legend>
          {records.map((one) => (
            <label class="tick" key={one.record}><input type="radio" name="record" value={one.record} required /><span>{one.clinic}</span></label>
          ))}
        </fieldset>
      )}
      <button class="button" disabled={entering.busy}>{t("sign_in.button")}</button>
      <button class="link" type="button" onClick={() => sentTo(null)}>{t("sign_in.other_number")}</button>
    </form>
  );
}
