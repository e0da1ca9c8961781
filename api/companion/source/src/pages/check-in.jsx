// A check-in: six screens, the answers kept after each.

import { useEffect, useState } from "preact/hooks";
import { draft } from "../course.js";
import { Bars, Screen, Steps, UrgentBar } from "../parts.jsx";
import { alsoAsked, asksWhere, holds, urgentSigns, withBox } from "../rules.js";
import { go, state } from "../store.js";
import { date, labelOf, list, lower, t } from "../words.js";
import { Emergency } from "./emergency.jsx";
import { Photos } from "./photos.jsx";
import { Review } from "./review.jsx";

const LOOKS = ["redness", "swelling", "peeling"];
export const LAST = 6;

export function CheckIn() {
  const { definition, draft: answers } = state;
  const step = Math.min(state.with.step ?? 1, LAST);
  const [missing, mark] = useState([]);
  const [warned, warn] = useState(null);
  const lost = !answers || !definition;
  useEffect(() => { if (lost) go("home", {}, "replace"); }, [lost]);
  useEffect(() => mark([]), [step]);
  if (lost) return null;

  const urgent = urgentSigns(definition, answers.signs);
  function tick(box, on) {
    const signs = withBox(box, answers.signs, on);
    draft({ signs });
    if (on && urgentSigns(definition, signs).includes(box.sign)) warn(box);
  }
  function move(to) {
    draft({ step: to });
    go("check-in", { step: to });
  }
  function next() {
    const asked = step === 2 ? definition.items.filter((one) => one.required && !(one.symptom in answers.scores)) : [];
    if (asked.length) {
      mark(asked.map((one) => one.symptom));
      document.querySelector(`input[name="${asked[0].symptom}"]`)?.focus();
    } else move(step + 1);
  }
  const items = definition.items.filter((one) => LOOKS.includes(one.symptom) === (step === 2));
  const groups = definition.sign_groups.filter((one) => (one.urgency === "emergency") === (step === 1));
  const headings = {
    1: t("check_in.first"), 2: definition.heading, 3: t("check_in.feel"), 4: t("check_in.signs"), 5: t("check_in.words"),
    6: t("review.heading"),
  };
  return (
    <Screen name={`check-in-${step}`} heading={headings[step]}>
      <Steps at={step} of={LAST} />
      {urgent.length > 0 && <UrgentBar emergency={definition.emergency}>{t("check_in.urgent")}</UrgentBar>}
      {step === 1 && state.treatments.length > 1 && <p class="quiet" id="about">{t("check_in.about", { date: date(definition.performed_at) })}</p>}
      {step === 1 && <p class="lead">{t("check_in.first_lead")}</p>}
      {step === 2 && <><p class="lead">{definition.lead}</p><Meanings bands={definition.bands} /></>}
      {step === 3 && <p class="lead">{t("check_in.feel_lead")}</p>}
      {step === 4 && <p class="lead">{definition.signs_lead}</p>}
      {step === 4 && <Also definition={definition} />}
      {(step === 1 || step === 4) && groups.map((group) => <Signs key={group.urgency} group={group} tick={tick} heading={step === 4} />)}
      {(step === 2 || step === 3) && items.map((item) => <Question key={item.symptom} item={item} missing={missing.includes(item.symptom)} />)}
      {step === 3 && asksWhere(definition, answers.scores) && <Where where={definition.where} />}
      {step === 5 && <><Note /><Photos /></>}
      {step === 6 && <Review change={move} />}
      {step < LAST && <button class="button" type="button" onClick={next}>{t(nextWords(step, answers, definition))}</button>}
      <button class="button second" type="button" onClick={() => (step > 1 ? move(step - 1) : go("home"))}>{t("check_in.back")}</button>
      {warned && <Emergency signs={urgent} mistake={() => { tick(warned, false); warn(null); }} close={() => warn(null)} />}
    </Screen>
  );
}

function nextWords(step, answers, definition) {
  if (step === 1) return answers.signs.length ? "check_in.next" : "check_in.none_now";
  if (step === 3) {
    const felt = definition.items.some((one) => !LOOKS.includes(one.symptom) && one.symptom in answers.scores);
    return felt || answers.strongest ? "check_in.next" : "check_in.skip";
  }
  return "check_in.next";
}

function Meanings({ bands }) {
  return (
    <details>
      <summary>{t("check_in.meanings")}</summary>
      <dl class="meanings">{bands.map((one) => <><dt>{one.label}</dt><dd>{one.meaning}</dd></>)}</dl>
    </details>
  );
}

function Question({ item, missing }) {
  const { definition, draft: answers } = state;
  const { symptom } = item, chosen = answers.scores[symptom];
  const answer = (score) => draft({
    scores: { ...answers.scores, [symptom]: score }, confirmed: answers.confirmed.filter((one) => one !== symptom),
  });
  return (
    <fieldset class={`card question ${missing ? "missing" : ""}`} aria-describedby={missing ? `missing-${symptom}` : undefined}>
      <legend>{item.label}</legend>
      <p class="error" id={`missing-${symptom}`} hidden={!missing}>{t("check_in.choose")}</p>
      <div class="bands">
        {definition.bands.map((band, level) => (
          <label class="band" key={band.name}>
            <input type="radio" name={symptom} value={band.score} checked={chosen >= band.least && chosen <= band.most}
              onChange={() => answer(band.score)} />
            <Bars level={level} /><span>{labelOf(item, band)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

// One tap; a second one on the same area takes it back.
function Where({ where }) {
  const { strongest } = state.draft;
  return (
    <fieldset class="card question" aria-describedby="where-hint">
      <legend>{where.label}</legend>
      <p class="quiet" id="where-hint">{where.hint}</p>
      <div class="bands areas">
        {where.areas.map((one) => (
          <label class="band" key={one.area}>
            <input type="radio" name="strongest" value={one.area} checked={strongest === one.area}
              onChange={() => draft({ strongest: one.area })} onClick={() => strongest === one.area && draft({ strongest: null })} />
            <span>{one.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

// Marks of an earlier treatment belong to the same questions: they are asked once, for both.
function Also({ definition }) {
  const named = ({ signs }) => list(definition.warning_signs.filter((box) => signs.some((sign) => holds(box, [sign]))).map((box) => lower(box.label)));
  return alsoAsked(definition).map((one) => (
    <p class="card notice also" key={one.treatment_id}>{t("check_in.also", { date: date(one.performed_at), list: named(one) })}</p>
  ));
}

function Signs({ group, tick, heading }) {
  const { definition, draft: answers } = state;
  return (
    <fieldset class="card signs">
      <legend class={heading ? "" : "unseen"}>{group.heading}</legend>
      {definition.warning_signs.filter((one) => one.urgency === group.urgency).map((one) => (
        <label class="tick" key={one.sign}>
          <input type="checkbox" name="sign" value={one.sign} checked={holds(one, answers.signs)}
            onChange={({ target }) => tick(one, target.checked)} />
          <span>{one.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

// Refused by the API in a note.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

function Note() {
  const { note } = state.definition;
  const write = ({ target }) => {
    const text = target.value.replace(CONTROL, "");
    draft({ note: text.toWellFormed?.() ?? text });
  };
  return (
    <>
      <label class="field" for="note">{note.label}</label>
      <textarea id="note" rows={3} maxLength={note.longest} aria-describedby="note-hint" value={state.draft.note} onInput={write} />
      <p class="quiet" id="note-hint">{note.hint}</p>
    </>
  );
}
