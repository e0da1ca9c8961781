// What has not reached the clinic, and what it refused.

import { draft } from "../course.js";
import { discard, flush } from "../outbox.js";
import { go, set, state } from "../store.js";
import { counted, list, t } from "../words.js";

export function Pending() {
  const { pending, online } = state;
  const refused = pending.filter((one) => one.value.refused);
  const reports = refused.filter((one) => one.value.what === "report");
  const alone = (photo) => reports.every((one) => one.value.report !== photo.value.report);
  const photos = refused.filter((one) => one.value.what === "photo" && alone(one));
  const waiting = pending.filter((one) => !one.value.refused && alone(one));
  const count = waiting.filter((one) => one.value.what === "report").length;
  const told = [["pending.reports", count], ["pending.photos", waiting.length - count]]
    .filter(([, some]) => some).map(([key, some]) => counted(key, some));
  return (
    <div aria-live="polite">
      {waiting.length > 0 && (
        <section class="card notice">
          <h2>{t("pending.heading")}</h2>
          <p>{t("pending.text", { list: list(told) })}</p>
          <p class="quiet">{t(online ? "pending.online" : "pending.offline")}</p>
          <button class="button second" type="button" onClick={flush}>{t("pending.button")}</button>
        </section>
      )}
      {!online && waiting.length === 0 && <p class="quiet">{t("pending.away")}</p>}
      {reports.map((one) => (
        <section class="card notice" key={one.id}>
          <h2>{t("refused.heading")}</h2>
          <p>{t(one.value.refused === "impossible-time" ? "refused.time" : "refused.text")}</p>
          <button class="button second" type="button" onClick={() => again(one)}>{t("refused.again")}</button>
          <button class="link" type="button" onClick={() => discard(one)}>{t("refused.discard")}</button>
        </section>
      ))}
      {photos.map((one) => (
        <section class="card notice" key={one.id}>
          <h2>{t("refused.heading")}</h2>
          <p>{t("refused.photo")}</p>
          <button class="button second" type="button" onClick={() => discard(one)}>{t("refused.discard")}</button>
        </section>
      ))}
    </div>
  );
}

// Opens a refused report again as a fresh one, its photos with it.
async function again(one) {
  const { body, treatment, report } = one.value;
  const photos = await Promise.all(state.pending.filter(({ value }) => value.what === "photo" && value.report === report).map(read));
  await draft({
    treatment, editing: null, scores: body.scores, signs: body.warning_signs, note: body.note ?? "", confirmed: [], step: 1,
  });
  set({ photos });
  await discard(one);
  go("check-in", { step: 6 });
}

async function read(one) {
  const bytes = await one.bytes(), { type } = one.value;
  const blob = new Blob([bytes], { type });
  return { bytes, type, blob, url: URL.createObjectURL(blob) };
}
