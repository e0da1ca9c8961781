// What was answered and has not reached the clinic. A report's id and body stay as they are until the server
// has answered: a lost answer and a lost report look the same from here, and only the same again is sure to
// be stored once. Photos follow their report.

import * as accounts from "./accounts.js";
import { call, upload } from "./api.js";
import { endSession } from "./ended-session.js";
import { set, state } from "./store.js";
import { asOf } from "./told.js";
import * as vault from "./vault.js";

const AGAIN_SECONDS = 30;
const answers = new Map(); // report id -> the server's answer, for who waits for it
let timer = null;
let sending = null, next = null;
let afterSending = async () => null;

const ORDER = { report: 0, photo: 1 };

export async function waiting(owner) {
  const found = await vault.all("unsent", owner);
  return found.sort((a, b) => ORDER[a.value.what] - ORDER[b.value.what] || a.value.at - b.value.at);
}

export async function refresh() {
  set({ pending: state.account ? await waiting(state.account.id) : [] });
}

export async function addReport(account, { id, treatment, body }) {
  answers.delete(id); // what was said of the revision before says nothing of this one
  await vault.put({
    id: `${id}.${body.revision}`, kind: "unsent", owner: account.id,
    value: { what: "report", at: Date.now(), report: id, treatment, body },
  });
}

export async function addPhoto(account, { report, bytes, type }) {
  await vault.put({
    id: crypto.randomUUID(), kind: "unsent", owner: account.id, value: { what: "photo", at: Date.now(), report, type }, bytes,
  });
}

export const answerTo = (id) => answers.get(id);

// Sends what waits, of everybody signed in here, one tab at a time. What is added while that runs is sent after it.
export function flush() {
  if (sending) {
    next ??= sending.catch(() => null).then(() => { next = null; return flush(); });
    return next;
  }
  sending = (navigator.locks ? navigator.locks.request("afterglow-outbox", sendAll) : sendAll())
    .finally(() => { sending = null; });
  return sending;
}

async function sendAll() {
  clearTimeout(timer);
  let left = false, sent = false;
  for (const account of await accounts.all()) {
    if (!account.token) continue;
    const refused = new Set(); // a photo goes nowhere without its report
    for (const one of await waiting(account.id)) {
      if (one.value.refused && one.value.what === "report") refused.add(one.value.report);
      if (one.value.refused || refused.has(one.value.report)) continue;
      const outcome = await sendOne(account, one);
      if (outcome === "refused") {
        refused.add(one.value.report);
        continue;
      }
      if (outcome === "later") left = true;
      if (outcome !== "done") break;
      sent = true;
    }
  }
  if (left) timer = setTimeout(flush, AGAIN_SECONDS * 1000);
  await refresh();
  if (sent && state.account?.token) await afterSending();
}

async function sendOne(account, one) {
  try {
    if (one.value.what === "report") answers.set(one.value.report, asReceived(await putReport(account, one)));
    else await putPhoto(account, one);
  } catch (error) {
    if (error.kind === "not-signed-in") {
      await endSession(account);
      return "ended";
    }
    if (error.passes === undefined) throw error;
    if (error.passes || error.kind === "too-many-requests") return "later";
    if (error.problem.stored) answers.set(one.value.report, asReceived({ ...error.problem.stored, newer: true }));
    else {
      // The server has said no and stored nothing. It is kept and shown: only its patient throws it away.
      await vault.put({ ...one, kind: "unsent", value: { ...one.value, refused: error.kind }, bytes: await bytesOf(one) });
      return one.value.what === "report" ? "refused" : "done";
    }
  }
  await vault.remove(one.id);
  return "done";
}

// However often it is sent again, a report's answer is the one that was given when it was received.
const asReceived = (answer) => asOf(answer.received_at, answer);

const bytesOf = (one) => (one.value.what === "photo" ? one.bytes() : undefined);

function putReport(account, { value }) {
  return call("PUT", `/me/treatments/${value.treatment}/reports/${value.report}`, {
    token: account.token, body: value.body, headers: { "Afterglow-Sent-At": new Date().toISOString() },
  });
}

async function putPhoto(account, one) {
  const { report, type } = one.value;
  return upload(`/me/reports/${report}/photos/${one.id}`, { token: account.token, type, bytes: await one.bytes() });
}

// Throws away what the server refused: a report with its photos, or one photo.
export async function discard(refused) {
  const { what, report } = refused.value;
  for (const one of state.pending) {
    if (one.id === refused.id || (what === "report" && one.value.report === report)) await vault.remove(one.id);
  }
  await refresh();
}

// iOS has no background sync: the page itself tries again whenever it wakes. `then` follows what was sent.
export function keepTrying(then) {
  afterSending = then;
  addEventListener("online", () => { set({ online: true }); flush(); });
  addEventListener("offline", () => set({ online: false }));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
}
