// The recovery as a picture and in words: own points on the band that is expected of this skin.

import { useEffect, useState } from "preact/hooks";
import { all, call } from "../api.js";
import { Chart, standing } from "../chart.jsx";
import { Screen } from "../parts.jsx";
import { holds } from "../rules.js";
import { state } from "../store.js";
import { asOf, followUp, lastPoint } from "../told.js";
import { answerOf, calendarDay, capital, date, list, lower, soon, t, time } from "../words.js";
import { Avoid } from "./home.jsx";

export function Course() {
  const { treatment, account } = state;
  const [found, show] = useState(null);
  const [away, fail] = useState(false);
  async function load() {
    fail(false);
    try {
      const path = `/me/treatments/${treatment.id}`, { token } = account, asked = Date.now();
      const [recovery, reports] = await Promise.all([
        call("GET", `${path}/recovery`, { token }), all(`${path}/reports`, { token }),
      ]);
      show({ recovery, reports: reports.reverse().map((one) => asOf(asked, one)) });
    } catch (error) {
      if (error.passes === undefined) throw error;
      fail(true);
    }
  }
  useEffect(() => { if (treatment) load(); }, [treatment?.id]);
  return (
    <Screen name="course" heading={t("course.heading")}>
      {!treatment && <p class="lead">{t("home.none")}</p>}
      {away && <section class="card notice"><p>{t("course.offline")}</p><button class="button second" type="button" onClick={load}>{t("course.again")}</button></section>}
      {found && <Picture recovery={found.recovery} />}
      {treatment && <Avoid treatment={treatment} />}
      {found?.recovery.next_check_in && (
        <section class="card"><h2>{t("course.next")}</h2><p>{t("course.next_at", { day: found.recovery.next_check_in.day, time: soon(found.recovery.next_check_in.opens_at) })}</p></section>
      )}
      {found?.recovery.series && <Plan plan={found.recovery.series} />}
      {found && <Reports items={found.reports} />}
    </Screen>
  );
}

function Picture({ recovery }) {
  const shown = recovery.symptoms.filter((one) => one.points.length || ["redness", "swelling", "peeling"].includes(one.symptom));
  const [symptom, choose] = useState(shown[0].symptom);
  const series = shown.find((one) => one.symptom === symptom);
  const earlier = recovery.earlier_sessions.map((one) => ({
    ...one, points: one.symptoms.find((each) => each.symptom === symptom)?.points ?? [],
  })).filter((one) => one.points.length);
  return (
    <section class="card" aria-labelledby="chart-heading">
      <h2 id="chart-heading">{t("course.chart")}</h2>
      <div class="choices" role="group" aria-label={t("course.which")}>
        {shown.map((one) => (
          <button type="button" key={one.symptom} aria-pressed={one.symptom === symptom} onClick={() => choose(one.symptom)}>{nameOfSymptom(one)}</button>
        ))}
      </div>
      <Chart series={series} earlier={earlier} />
      <p>{inWords(series)}</p>
      <ul class="legend">
        {series.judged !== false && <li class="legend-band">{t("course.legend_band")}</li>}
        <li class="legend-own">{t("course.legend_own")}</li>
        {earlier.length > 0 && <li class="legend-earlier">{t("course.legend_earlier", { date: date(earlier[0].performed_at) })}</li>}
      </ul>
    </section>
  );
}

const nameOfSymptom = ({ symptom, label }) => capital(state.definition?.items.find((one) => one.symptom === symptom)?.name ?? label);

function inWords(series) {
  const last = series.points.at(-1);
  return lastPoint(series, last && standing(series, last), nameOfSymptom(series));
}

function Plan({ plan }) {
  const next = plan.next_session_on
    ? t("series.agreed", { date: calendarDay(plan.next_session_on) })
    : plan.proposed_on && t("series.proposed", { date: calendarDay(plan.proposed_on) });
  return (
    <section class="card">
      <h2>{t("series.heading")}</h2>
      <p>{t("series.done", { count: Math.min(plan.done, plan.sessions), of: plan.sessions })}</p>
      <p class="sessions" aria-hidden="true">{Array.from({ length: plan.sessions }, (_, one) => <i key={one} class={one < plan.done ? "done" : ""} />)}</p>
      {next && <p>{next}</p>}
      {plan.maintenance_months && <p class="quiet">{t("series.maintenance", { count: plan.maintenance_months })}</p>}
    </section>
  );
}

function Reports({ items }) {
  const { definition } = state;
  if (!items.length) return null;
  return (
    <section>
      <h2>{t("course.reports")}</h2>
      <ol class="earlier">
        {items.map((one) => (
          <li key={one.id}>
            <h3>{t("course.day", { day: one.day })} <small>{date(one.seen_at)}, {time(one.seen_at)}</small></h3>
            {definition && <p>{told(definition, one.scores)}</p>}
            {definition && <Ticked boxes={signs(definition, one.warning_signs)} />}
            {followUp(one.follow_up) && <p class="quiet">{followUp(one.follow_up)}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

// What was told in words may stand in no box.
const Ticked = ({ boxes }) => boxes.length > 0 && <p>{t("urgent.ticked", { list: list(boxes) })}</p>;

function told(definition, scores) {
  const parts = definition.items.filter((one) => one.symptom in scores)
    .map((one) => `${one.name}: ${answerOf(definition, one.symptom, scores[one.symptom])}`);
  return `${capital(parts.join("; "))}.`;
}

const signs = (definition, ticked) =>
  definition.warning_signs.filter((one) => holds(one, ticked)).map((one) => lower(one.label));
