// From answers to a report on its way.

import { draft } from "../course.js";
import * as outbox from "../outbox.js";
import { asksWhere, inSteps } from "../rules.js";
import { go, set, state } from "../store.js";

export const complete = () =>
  state.definition.items.every((one) => !one.required || one.symptom in (state.draft?.scores ?? {}));

// Puts the report and its photos into the outbox, then tries to send. What happens next is the same whether
// the network is there or not.
export async function submit() {
  const { account, draft: answers, photos = [], definition } = state;
  const { editing, scores, strongest, signs, note, confirmed } = answers;
  const id = editing?.id ?? crypto.randomUUID();
  const body = {
    seen_at: editing?.seen_at ?? new Date().toISOString(), scores: inSteps(definition, scores), answers: "words",
    ...(strongest && asksWhere(definition, scores) && { strongest }), warning_signs: signs, note: note.trim() || null,
    confirmed: confirmed.filter((one) => one in scores), revision: editing?.revision ?? 1,
  };
  await outbox.addReport(account, { id, treatment: answers.treatment, body });
  for (const one of photos) await outbox.addPhoto(account, { report: id, bytes: one.bytes, type: one.type });
  for (const one of photos) URL.revokeObjectURL(one.url);
  await draft(null);
  set({ photos: [] });
  await outbox.refresh();
  go("answer", { id, body, definition, sending: true }, "replace");
  await outbox.flush();
  if (!state.account?.token) go("sign-in", { ended: state.account }, "replace");
  else if (state.screen === "answer" && state.with.id === id) set({ with: { ...state.with, sending: false } });
}

// Opens what was sent for a change: the same report, its next revision.
export async function change({ id, body, revision, definition }) {
  set({ definition }); // of its own treatment, whichever is the newest by now
  await draft({
    treatment: definition.treatment_id, editing: { id, seen_at: body.seen_at, revision: revision + 1 }, scores: body.scores,
    strongest: body.strongest ?? null, signs: body.warning_signs, note: body.note ?? "", confirmed: body.confirmed, step: 1,
  });
  go("check-in", { step: 2 });
}
