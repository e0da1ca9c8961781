// Opening an account, and what is fetched of it.

import * as accounts from "./accounts.js";
import { call, ifChanged } from "./api.js";
import { endSession } from "./ended-session.js";
import * as outbox from "./outbox.js";
import { go, set, state } from "./store.js";
import { asOf } from "./told.js";
import * as vault from "./vault.js";

const DRAFT_HOURS = 12;

// Shows an account: from what is kept at once, and again when the server has answered.
export async function open(account, { fresh = false } = {}) {
  set({ account, accounts: await accounts.all(), draft: null, chosen: null, definition: null, tips: null, pages: null, words: null });
  show(account.snapshot);
  await outbox.refresh();
  await restoreDraft(account);
  if (!fresh && !account.token) return go("sign-in", { ended: account }, "replace");
  go("home", {}, "replace");
  await Promise.all([update(), outbox.flush()]);
}

function show(snapshot) {
  const treatments = snapshot.treatments ?? [];
  const answering = { "check-in": state.draft?.treatment, answer: state.with.definition?.treatment_id };
  const wanted = answering[state.screen] ?? state.chosen;
  const treatment = treatments.find((one) => one.id === wanted) ?? treatments[0] ?? null;
  const kept = treatment ? snapshot.definitions?.[treatment.id] : null;
  set({
    me: snapshot.me, language: snapshot.me.language, treatments, treatment, definition: kept?.value ?? null,
    tips: snapshot.tips?.[treatment?.id] ?? null, pages: snapshot.pages ?? null,
    words: snapshot.words?.value ?? null,
  });
}

// Brings what is kept up to date. Without a network what is kept stays as it is.
export async function update() {
  const { account } = state, { token } = account, asked = Date.now();
  try {
    const [me, page, words] = await Promise.all([
      call("GET", "/me", { token }), call("GET", "/me/treatments", { token }),
      ifChanged("/me/words", { token, etag: account.snapshot.words?.etag }),
    ]);
    await keep(account, { me, treatments: page.items.map((one) => asOf(asked, one)), ...(words && { words }) });
    if (page.items.length) await fetchCourse(account, state.treatment.id);
    const pages = await call("GET", "/knowledge", { token });
    await keep(account, { pages: pages.items });
  } catch (error) {
    if (error.kind === "not-signed-in") return state.account?.id === account.id ? endSession(account) : null;
    if (error.passes === undefined) throw error;
  }
  return null;
}

async function fetchCourse(account, treatment) {
  const { token } = account, known = account.snapshot.definitions?.[treatment];
  const [asked, tips] = await Promise.all([
    ifChanged(`/me/treatments/${treatment}/check-in`, { token, etag: known?.etag }),
    call("GET", `/me/treatments/${treatment}/tips`, { token }),
  ]);
  await keep(account, {
    definitions: { ...account.snapshot.definitions, ...(asked && { [treatment]: asked }) },
    tips: { ...account.snapshot.tips, [treatment]: tips },
  });
}

async function keep(account, changes) {
  Object.assign(account.snapshot, changes);
  if (state.account?.id === account.id) show(account.snapshot);
  await accounts.save({ ...account, name: account.snapshot.me.first_name, language: account.snapshot.me.language });
}

export async function choose(treatment) {
  set({ chosen: treatment.id });
  show(state.account.snapshot);
  await update();
}

// The questions in the old language stay until the new ones are there: whoever answers meanwhile goes on.
export async function speak(language) {
  const { account } = state;
  set({ language });
  if (!account?.token) return;
  await call("PATCH", "/me", { token: account.token, body: { language } });
  await update();
}

// --- What is being answered, kept sealed: phones throw background pages away while their owner looks into a
// mirror. Photos are not in it, they are taken last.

const draftId = (account) => `draft-${account.id}`;

async function restoreDraft(account) {
  const [found] = await vault.all("draft", account.id);
  const young = found && Date.now() - found.value.at < DRAFT_HOURS * 3_600_000;
  if (found && !young) await vault.remove(found.id);
  set({ draft: young ? found.value : null });
}

export async function draft(changes) {
  const { account } = state;
  if (changes === null) {
    set({ draft: null });
    return vault.remove(draftId(account));
  }
  const next = { ...state.draft, ...changes, at: Date.now() };
  set({ draft: next });
  return vault.put({ id: draftId(account), kind: "draft", owner: account.id, value: next });
}
