// Today: where the recovery stands, and the one thing to do.

import { choose, draft } from "../course.js";
import { answering } from "../hours.js";
import { dialled, Numbers, Screen, WithNumber } from "../parts.jsx";
import { recoveryDay } from "../rules.js";
import { go, state } from "../store.js";
import { avoid, avoided, isOverdue, phase } from "../told.js";
import { date, soon, spaced, t, time } from "../words.js";
import { Pending } from "./pending.jsx";

export function Home() {
  const { me, treatment, definition } = state;
  return (
    <Screen name="home" title={t("nav.home")} heading={t("home.hello", { name: me.first_name })}>
      {treatment ? <Day treatment={treatment} /> : <None />}
      <Pending />
      {treatment && (treatment.taken_over_at ? <TakenOver treatment={treatment} /> : definition ? <Begin definition={definition} /> : <p class="card notice">{t("home.no_questions")}</p>)}
      {treatment && <Tip />}
      {treatment && <Avoid treatment={treatment} />}
      <section class="card" aria-labelledby="clinic"><h2 id="clinic">{me.clinic.name}</h2><Numbers /></section>
    </Screen>
  );
}

function None() {
  return <section class="card"><h2>{t("home.none_heading")}</h2><p>{t("home.none")}</p></section>;
}

function Day({ treatment }) {
  const { treatments, me } = state;
  const { number } = answering(me.clinic);
  return (
    <>
      {treatments.length > 1 && (
        <>
          <label class="field" for="treatment">{t("home.treatment")}</label>
          <select id="treatment" value={treatment.id}
            onChange={({ target }) => choose(treatments.find((one) => one.id === target.value))}>
            {treatments.map((one) => <option key={one.id} value={one.id}>{date(one.performed_at)}, {time(one.performed_at)}</option>)}
          </select>
        </>
      )}
      <section class="card day">
        <p class="day-number"><span>{t("home.day_word")}</span> <strong>{recoveryDay(treatment)}</strong></p>
        <div>
          <p><WithNumber text={phase(treatment, recoveryDay(treatment))} number={spaced(number)} /></p>
          <p class="quiet">{t("home.treated", { date: date(treatment.performed_at), number: treatment.session_number })}</p>
        </div>
      </section>
      {isOverdue(treatment) && <a class="button" href={dialled(number)}>{t("sign_in.call", { phone: spaced(number) })}</a>}
    </>
  );
}

// Answered on this phone, though not sent yet.
const waitsFor = ({ opens_at, closes_at }) => state.pending.some(({ value: { body, treatment } }) =>
  treatment === state.treatment.id && new Date(opens_at) <= new Date(body.seen_at) && new Date(body.seen_at) < new Date(closes_at));

// A later treatment is asked about instead: the newest, whatever is between.
function TakenOver({ treatment }) {
  const [newest] = state.treatments;
  return (
    <section class="card notice">
      <p>{t("home.taken_over", { date: date(treatment.taken_over_at) })}</p>
      <button class="button" type="button" onClick={() => choose(newest)}>{t("home.to_newest")}</button>
    </section>
  );
}

function Begin({ definition }) {
  const asked = [...definition.check_ins, ...(definition.also_asked ?? [])];
  const next = asked.sort((a, b) => new Date(a.opens_at) - new Date(b.opens_at))
    .find((one) => !one.done && !waitsFor(one) && new Date(one.closes_at) > Date.now());
  const due = next && new Date(next.opens_at) <= Date.now();
  const begun = state.draft?.treatment === definition.treatment_id && !state.draft.editing;
  async function start() {
    if (!begun) await draft({ treatment: definition.treatment_id, editing: null, scores: {}, strongest: null, signs: [], note: "", confirmed: [], step: 1 });
    go("check-in", { step: begun ? state.draft.step : 1 });
  }
  return (
    <section>
      <button class="button" type="button" onClick={start}>{t(begun ? "home.go_on" : "home.start")}</button>
      <p class="quiet centred">{next && !due ? t("home.next", { time: soon(next.opens_at) }) : t("home.start_hint")}</p>
    </section>
  );
}

export const newestTip = () => state.tips?.items.filter((one) => new Date(one.begins_at) <= Date.now()).at(-1);

function Tip() {
  const { tips } = state;
  const newest = newestTip();
  const text = tips?.instead ?? newest?.text;
  if (!text || isOverdue(state.treatment)) return null;
  return (
    <section class="card" aria-labelledby="tip">
      {!tips.instead && <p class="eyebrow">{t("home.tip")}</p>}
      <h2 id="tip">{tips.instead ? t("home.instead") : newest.title}</h2>
      <p>{text}</p>
      <button class="link" type="button" onClick={() => go("learn")}>{t("home.all_tips")}</button>
    </section>
  );
}

export function Avoid({ treatment }) {
  const running = avoided(treatment);
  if (!treatment.avoid.length) return null;
  return (
    <section class="card" aria-labelledby="avoid">
      <h2 id="avoid">{t("avoid.heading")}</h2>
      {running.length === 0 && <p>{t("avoid.over")}</p>}
      <ul class="avoid">
        {running.map((one) => ({ what: one.what, ...avoid(one) })).map(({ what, label, left, until }) => (
          <li key={what}>
            <span>{label}</span>
            <span class="left"><strong>{left}</strong> {until && <small>{until}</small>}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
