// Everything once more before it leaves; what looks like a slip of the finger is asked about.

import { useState } from "preact/hooks";
import { draft } from "../course.js";
import { asksWhere, doubtful, holds, inSteps } from "../rules.js";
import { state } from "../store.js";
import { answerOf, capital, list, t } from "../words.js";
import { submit } from "./sending.js";

export function Review({ change }) {
  const { definition, draft: answers, photos = [], pending } = state;
  const [sending, wait] = useState(false);
  const earlier = pending.filter((one) => one.value.treatment === answers.treatment && one.value.report !== answers.editing?.id)
    .map((one) => one.value.body);
  const seenAt = answers.editing?.seen_at ?? new Date().toISOString();
  const slips = doubtful(definition, inSteps(definition, answers.scores), { seenAt, earlier }).filter((one) => !answers.confirmed.includes(one));
  const told = definition.items.filter((one) => one.symptom in answers.scores);
  const signs = definition.warning_signs.filter((one) => holds(one, answers.signs));
  const place = asksWhere(definition, answers.scores) && definition.where.areas.find((one) => one.area === answers.strongest);
  const label = (symptom) => answerOf(definition, symptom, answers.scores[symptom]);
  async function send() {
    wait(true);
    await submit();
  }
  return (
    <>
      {slips.length > 0 && (
        <section class="card notice" aria-labelledby="slips">
          <h2 id="slips">{definition.ask_again.heading}</h2>
          <p>{t("review.chose", { list: list(slips.map((one) => t("review.chose_one", { band: label(one), symptom: nameOf(definition, one) }))) })}</p>
          <button class="button" type="button" onClick={() => draft({ confirmed: [...answers.confirmed, ...slips] })}>{definition.ask_again.yes}</button>
          <button class="button second" type="button" onClick={() => change(slips.every((one) => ["redness", "swelling", "peeling"].includes(one)) ? 2 : 3)}>{definition.ask_again.no}</button>
        </section>
      )}
      <dl class="card told">
        {told.map((one) => <div key={one.symptom}><dt>{capital(one.name)}</dt><dd>{label(one.symptom)}</dd></div>)}
        {place && <div><dt>{t("review.strongest")}</dt><dd>{place.label}</dd></div>}
      </dl>
      <section class="card">
        <h2>{t("review.signs")}</h2>
        {signs.length ? <ul>{signs.map((one) => <li key={one.sign}>{one.label}</li>)}</ul> : <p>{t("review.no_signs")}</p>}
      </section>
      {answers.note.trim() && <section class="card"><h2>{t("review.note")}</h2><p class="note">{answers.note}</p></section>}
      {photos.length > 0 && <p class="quiet">{t("review.photos", { count: photos.length })}</p>}
      {slips.length === 0 && <button class="button" type="button" disabled={sending} onClick={send}>{t("review.send")}</button>}
    </>
  );
}

export const nameOf = (definition, symptom) => definition.items.find((one) => one.symptom === symptom).name;
