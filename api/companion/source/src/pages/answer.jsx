// What the clinic says at once; or, without a network, that it is kept and what holds until then.

import * as outbox from "../outbox.js";
import { Numbers, Screen, UrgentBar, crisisOf } from "../parts.jsx";
import { mostUrgent } from "../rules.js";
import { go, state } from "../store.js";
import { followUp, unconfirmed } from "../told.js";
import { answerOf, list, t, time } from "../words.js";
import { newestTip } from "./home.jsx";
import { nameOf } from "./review.jsx";
import { change, submit } from "./sending.js";

export function Answer() {
  const { id, body, definition, sending } = state.with;
  const answer = outbox.answerTo(id);
  if (answer) return <Answered answer={answer} body={body} definition={definition} />;
  if (sending) return <Screen name="sending" heading={t("sending.heading")}><p class="lead">{t("sending.text")}</p></Screen>;
  const refused = state.pending.find((one) => one.value.report === id && one.value.refused)?.value.refused;
  return refused ? <Refused kind={refused} body={body} definition={definition} /> : <Kept body={body} definition={definition} />;
}

// Which number this screen puts first: as the clinic has answered, until then by what was ticked.
export function firstNumber({ id, body, definition, sending }) {
  const answer = outbox.answerTo(id);
  if (answer) return answer.assessment.help;
  return !sending && mostUrgent(definition, body.warning_signs) === "emergency" ? "emergency" : null;
}

function Refused({ kind, body, definition }) {
  return (
    <Screen name="refused" heading={t("refused.heading")}>
      {mostUrgent(definition, body.warning_signs) === "emergency" && <UrgentBar emergency={definition.emergency}>{definition.emergency.heading}</UrgentBar>}
      <p class="lead">{t(kind === "impossible-time" ? "refused.time" : "refused.text")}</p>
      <section class="card"><Numbers /></section>
      <button class="button" type="button" onClick={() => go("home", {}, "replace")}>{t("answer.done")}</button>
    </Screen>
  );
}

function Answered({ answer, body, definition }) {
  const { assessment } = answer;
  const next = followUp(answer.follow_up);
  const ticked = mostUrgent(definition, answer.warning_signs) === "emergency"; // words may mean something else
  return (
    <Screen name={`answer-${answer.revision}`} title={t("answer.title")} heading={assessment.advice} kind="answered">
      {assessment.help && (assessment.help === "crisis"
        ? <UrgentBar emergency={crisisOf(definition.emergency)} />
        : <UrgentBar emergency={definition.emergency}>{ticked ? definition.emergency.heading : t("urgent.still")}</UrgentBar>)}
      <p class="quiet">{answer.newer ? t("answer.newer") : t("answer.sent", { time: time(answer.received_at) })}</p>
      {answer.ask_again.length > 0 && <Doubt answer={answer} body={body} definition={definition} />}
      {assessment.findings.length > 0 && (
        <section class="card"><h2>{t("answer.found")}</h2><ul>{assessment.findings.map((one) => <li key={one.text}>{one.text}</li>)}</ul></section>
      )}
      {next && <section class="card"><h2>{t("answer.next")}</h2><p>{next}</p><p>{t("answer.cannot_wait")}</p><Numbers /></section>}
      <WhenToCall tipped={!next && answer.warning_signs.length === 0} />
      <button class="button" type="button" onClick={() => go("home", {}, "replace")}>{t("answer.done")}</button>
      <button class="button second" type="button" onClick={() => change({ id: answer.id, body: asSent(answer, body), revision: answer.revision, definition })}>{t("answer.change")}</button>
    </Screen>
  );
}

// As this device's clock had it: the server corrects each body by the clock it was sent by.
const asSent = (answer, body) => ({ ...answer, seen_at: answer.newer ? answer.seen_at : body.seen_at });

function Doubt({ answer, body, definition }) {
  const told = answer.ask_again.map((one) => t("review.chose_one", {
    band: answerOf(definition, one, answer.scores[one]), symptom: nameOf(definition, one),
  }));
  async function yes() {
    const said = asSent(answer, body);
    await change({ id: answer.id, body: { ...said, confirmed: [...said.confirmed, ...answer.ask_again] }, revision: answer.revision, definition });
    await submit();
  }
  return (
    <section class="card notice">
      <h2>{definition.ask_again.heading}</h2>
      <p>{t("review.chose", { list: list(told) })}</p>
      {answer.unconfirmed && <p>{unconfirmed(answer.unconfirmed)}</p>}
      <button class="button" type="button" onClick={yes}>{definition.ask_again.yes}</button>
      <button class="button second" type="button" onClick={() => change({ id: answer.id, body: asSent(answer, body), revision: answer.revision, definition })}>{definition.ask_again.no}</button>
    </section>
  );
}

function Kept({ body, definition }) {
  const level = mostUrgent(definition, body.warning_signs);
  const advice = level === "emergency" && definition.emergency.text;
  return (
    <Screen name="kept" heading={t("kept.heading")}>
      {level === "emergency" && <UrgentBar emergency={definition.emergency}>{definition.emergency.heading}</UrgentBar>}
      <p class="lead">{t("kept.text")}</p>
      {level && (
        <section class="card notice">
          {advice && <p>{advice}</p>}
          <p>{t("kept.call")}</p><Numbers />
        </section>
      )}
      <WhenToCall tipped={!level} />
      <button class="button" type="button" onClick={outbox.flush}>{t("pending.button")}</button>
      <button class="button second" type="button" onClick={() => go("home", {}, "replace")}>{t("answer.done")}</button>
    </Screen>
  );
}

// The tip of the day, unless something was told that a nurse looks at, and that one may always call.
function WhenToCall({ tipped }) {
  const tip = tipped && newestTip();
  return (
    <section class="card">
      {tip && !state.tips.instead && <><p class="eyebrow">{t("home.tip")}</p><h2>{tip.title}</h2><p>{tip.text}</p></>}
      <p>{t("answer.worse")}</p>
    </section>
  );
}
