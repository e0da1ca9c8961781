// The patient's page: one step after the other.

import { access, call, draft, forget, stay, unsent } from "./device.js";
import { $, $$, dial, element } from "./page.js";
import {
  band, capital, date, followUp, isUrgent, listed, low, nearest, says, spaced, time, urgentOf, words,
} from "./words.js";

const HOME = "/check-in";
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g; // refused by the API in a note

const form = $("#check-in");
const panel = $("#urgent");
const invitation = /^\/([A-Za-z0-9_-]{22})$/.exec(location.pathname)?.[1];

let me = null;
let treatments = [];
let treatment = null;
let editing = null; // the report being changed: {id, revision, seen_at}
let last = null; // the answer on the screen, and when its signs were seen
let retry = null;

// --- Steps

// Back never leads to sending the same answers a second time, nor into a step that has passed.
const STILL = { form: () => draft.get(), review: () => draft.get(), answer: () => last };

function show(step, how = "push") {
  panel.close();
  for (const section of $$("[data-step]")) section.hidden = section.dataset.step !== step;
  const heading = $(`[data-step="${step}"] h1`);
  document.title = `${heading.textContent} · Afterglow`;
  // Until it is spent the token stays in the address, so that loading the page again still works.
  if (how !== "stay") history[how === "push" ? "pushState" : "replaceState"]({ step }, "", HOME);
  scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}

addEventListener("popstate", ({ state }) => {
  const step = state?.step;
  if (!step || !treatment) return; // a jump within the page has no step
  if (STILL[step]?.()) show(step, "stay");
  else goHome("replace");
});

function trouble(heading, text, { again, edit = false, urgent = false } = {}) {
  $("#trouble").textContent = says(heading);
  $("#trouble-text").textContent = says(text);
  retry = again;
  $("#again").hidden = !again;
  $("#to-answers").hidden = !edit;
  markUrgent(urgent);
  show("trouble", me ? "replace" : "stay");
}

// --- Signing in

$("#sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = $("#secret"), button = $("button", event.target);
  const secret = field.value.trim();
  if (!secret) return refuse(says("empty"));
  button.disabled = true;
  refuse("");
  try {
    const opened = await call("POST", "/patient/sessions", { invitation, secret });
    access.set(opened.access_token);
    stay(event.target.elements.stay.checked ? opened.access_token : null);
    field.value = "";
    await open();
  } catch (error) {
    const key = { "sign-in-refused": "refused", invalid: "refused", "invitation-ended": "ended",
      "too-many-secrets": "too_many", offline: "offline" }[error.kind] ?? "server";
    refuse(says(key));
  } finally {
    button.disabled = false;
  }
});

function refuse(text) {
  const place = $("#sign-in-error"), field = $("#secret");
  place.textContent = text;
  place.hidden = !text;
  field.setAttribute("aria-invalid", Boolean(text));
  if (text) field.focus();
}

$("#continue").addEventListener("click", () => open());

$("#sign-out").addEventListener("click", async () => {
  if (unsent.get() && !confirm(says("sign_out_unsent"))) return;
  // Without a connection the token is forgotten all the same; nobody can use what nobody has.
  await call("DELETE", "/patient/sessions/current").catch(() => null);
  forget();
  location.replace("/");
});

async function open() {
  try {
    const [profile, page] = await Promise.all([call("GET", "/me"), call("GET", "/me/treatments")]);
    [me, treatments] = [profile, page.items];
  } catch (error) {
    if (error.kind === "not-signed-in") return signedOut();
    return trouble("offline_open_heading", error.kind === "offline" ? "offline" : "server", { again: open });
  }
  for (const kept of [draft, unsent]) {
    // Left over from somebody else in this tab: not theirs to see or send.
    if (kept.get() && !treatments.some((one) => one.id === kept.get().treatment)) kept.set(null);
  }
  showContacts();
  const kept = unsent.get() ?? draft.get();
  treatment = treatments.find((one) => one.id === kept?.treatment) ?? treatments[0] ?? null;
  goHome("replace");
}

function signedOut() {
  access.set(null);
  stay(null);
  if (!me && invitation) {
    $("#still").hidden = true;
    return show("sign-in", "stay");
  }
  const kept = unsent.get();
  return trouble("signed_out_heading", kept ? "signed_out_unsent" : "signed_out",
    { urgent: kept && isUrgent(kept.body.warning_signs) });
}

// --- Home

function showContacts() {
  const { clinic } = me;
  for (const link of $$("[data-phone]")) dial(link, clinic[link.dataset.phone]);
  for (const link of $$('[data-call="emergency"]'))
    dial(link, clinic.emergency_number, says("call", { number: clinic.emergency_number }));
  for (const link of $$('[data-call="clinic"]'))
    dial(link, clinic.phone, says("then", { number: spaced(clinic.phone) }));
  dial($("#call-clinic"), clinic.phone, $("#call-clinic").textContent);
  $("#contact h2").textContent = clinic.name;
  $("#contact").hidden = $("#call-clinic").hidden = false;
}

function goHome(how = "push") {
  $("#hello").textContent = says("hello", { name: me.first_name });
  $("#course").hidden = !treatment;
  $("#no-course").hidden = Boolean(treatment);
  if (treatment) showTreatment();
  show("home", how);
}

function showTreatment() {
  const choice = $("#treatment");
  choice.hidden = $('label[for="treatment"]').hidden = treatments.length < 2;
  choice.replaceChildren(...treatments.map((one) => new Option(
    says("treatment_option", { date: date(one.performed_at), time: time(one.performed_at) }), one.id)));
  choice.value = treatment.id;
  $("#day").textContent = says("day", { day: treatment.recovery_day });
  $("#treated").textContent = says("treated", { date: date(treatment.performed_at) });
  $("#waiting").hidden = !unsent.get();
  $("#begin").hidden = Boolean(unsent.get());
  showEarlier(treatment.id);
}

$("#treatment").addEventListener("change", ({ target }) => {
  treatment = treatments.find((one) => one.id === target.value);
  showTreatment();
});

async function showEarlier(id) {
  const list = $("#earlier");
  list.replaceChildren();
  $("#earlier-none").hidden = true;
  let items;
  try {
    ({ items } = await call("GET", `/me/treatments/${id}/reports`));
  } catch (error) {
    if (error.kind === "not-signed-in") return signedOut();
    const again = element("button", says("offline"), "link");
    again.addEventListener("click", () => showEarlier(id));
    return list.replaceChildren(element("li", again));
  }
  if (treatment.id !== id) return;
  $("#earlier-none").hidden = items.length > 0;
  list.replaceChildren(...items.reverse().map((report) => {
    const when = `${date(report.seen_at)}, ${time(report.seen_at)}`;
    const told = Object.keys(words.symptoms).filter((name) => name in report.scores)
      .map((name) => says("told", { symptom: words.symptoms[name], band: low(report.scores[name]) }));
    const signs = report.warning_signs.map((sign) => words.signs[sign]);
    return element("li",
      element("h3", says("list_day", { day: report.day }), element("small", when)),
      element("p", `${capital(told.join(", "))}.`),
      element("p", signs.length ? says("ticked", { list: listed(signs) }) : ""),
      element("p", followUp(report.follow_up), "quiet"));
  }));
}

// --- The check-in

$("#start").addEventListener("click", () => {
  const begun = draft.get();
  if (begun?.treatment === treatment.id && !begun.editing) fill(begun, null);
  else fill({ scores: {}, warning_signs: [], note: "" }, null);
  show("form");
});

function fill({ scores, warning_signs, note }, of) {
  editing = of;
  for (const name of Object.keys(words.symptoms)) {
    for (const box of form.elements[name])
      box.checked = name in scores && Number(box.value) === nearest(scores[name]).score;
    mark(name, false);
  }
  for (const box of form.elements.sign) box.checked = warning_signs.includes(box.value);
  form.elements.note.value = note ?? "";
  $("#more").open = Object.keys(scores).some((name) => !words.required.includes(name));
  markUrgent(isUrgent(warning_signs));
}

function read() {
  const data = new FormData(form), scores = {};
  for (const name of Object.keys(words.symptoms)) if (data.has(name)) scores[name] = Number(data.get(name));
  const note = form.elements.note.value.replace(CONTROL, "").trim();
  return { scores, warning_signs: data.getAll("sign"), note: (note.toWellFormed?.() ?? note) || null };
}

function mark(name, missing) {
  const question = $(`[data-symptom="${name}"]`), text = $(`#missing-${name}`);
  text.hidden = !missing;
  question.classList.toggle("missing", missing);
  if (missing) question.setAttribute("aria-describedby", text.id);
  else question.removeAttribute("aria-describedby");
}

function complete(answers) {
  const missing = words.required.filter((name) => !(name in answers.scores));
  for (const name of words.required) mark(name, missing.includes(name));
  if (missing.length) {
    form.elements[missing[0]][0].focus();
    $(`[data-symptom="${missing[0]}"]`).scrollIntoView({ block: "center" });
  }
  return !missing.length;
}

function markUrgent(urgent) {
  for (const bar of $$(".urgent-bar")) bar.hidden = !urgent;
}

form.addEventListener("input", ({ target }) => {
  const answers = read();
  draft.set({ treatment: treatment.id, editing, ...answers });
  if (target.type === "radio") mark(target.name, false);
  if (target.name !== "sign") return;
  const urgent = urgentOf(answers.warning_signs);
  markUrgent(urgent.length > 0);
  if (target.checked && urgent.includes(target.value)) warn(target, urgent);
});

function warn(box, signs) {
  $("#urgent-ticked").textContent = says("ticked", { list: listed(signs.map((sign) => words.signs[sign])) });
  $("#urgent-mistake").onclick = () => {
    panel.close();
    box.checked = false;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  };
  panel.showModal();
}

$("#urgent-send").addEventListener("click", () => {
  panel.close();
  if (complete(read())) submit();
  else $("#say").textContent = says("missing_before_urgent");
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const answers = read();
  if (!complete(answers)) return;
  draft.set({ treatment: treatment.id, editing, ...answers });
  const told = Object.keys(words.symptoms).filter((name) => name in answers.scores);
  $("#told").replaceChildren(...told.flatMap((name) =>
    [element("dt", capital(words.symptoms[name])), element("dd", band(answers.scores[name]))]));
  const signs = answers.warning_signs.map((sign) => element("li", capital(words.signs[sign])));
  $("#told-signs").replaceChildren(...(signs.length ? signs : [element("li", says("no_signs"))]));
  $("#told-note").hidden = !answers.note;
  $("#told-note p").textContent = answers.note ?? "";
  show("review");
});

for (const button of $$("[data-back]")) button.addEventListener("click", () => history.back());

// --- Sending

$("#send").addEventListener("click", () => submit());

function submit() {
  const { scores, warning_signs, note } = read();
  const before = editing && last?.answer.id === editing.id ? last.answer : null;
  const confirmed = (before?.confirmed ?? []).filter((name) => before.scores[name] === scores[name]);
  put({
    id: editing?.id ?? crypto.randomUUID(),
    body: {
      seen_at: editing?.seen_at ?? new Date().toISOString(),
      scores, warning_signs, note, confirmed, revision: editing?.revision ?? 1,
    },
  });
}

// From here on the id and the body stay as they are until the server has answered: a lost answer and a
// lost report look the same from here, and only the same body again is sure to be stored once.
function put(report) {
  unsent.set({ treatment: treatment.id, ...report });
  return send();
}

async function send() {
  const report = unsent.get();
  show("sending", "replace");
  let answer, newer = false;
  try {
    answer = await call("PUT", `/me/treatments/${report.treatment}/reports/${report.id}`, report.body,
      { "Afterglow-Sent-At": new Date().toISOString() });
  } catch (error) {
    if (!error.stored) return notSent(error);
    [answer, newer] = [error.stored, true];
  }
  unsent.set(null);
  draft.set(null);
  // As this device's clock had it: the server corrects each body by the clock it was sent by.
  last = { answer, seen_at: newer ? answer.seen_at : report.body.seen_at };
  showAnswer(newer);
}

function notSent({ kind }) {
  if (kind === "not-signed-in") return signedOut();
  const { id, body } = unsent.get(), urgent = isUrgent(body.warning_signs);
  if (kind === "offline" || kind === "server")
    return trouble("offline_heading", kind, { again: send, urgent });
  // The server has said no and stored nothing: the answers may be changed and sent anew.
  unsent.set(null);
  fill(body, body.revision > 1 ? { id, revision: body.revision, seen_at: body.seen_at } : null);
  draft.set({ treatment: treatment.id, editing, ...read() });
  const clock = kind === "impossible-time";
  return trouble("rejected_heading", clock ? "rejected_time" : "rejected",
    { again: clock && submit, edit: true, urgent });
}

$("#again").addEventListener("click", () => retry());
$("#to-answers").addEventListener("click", () => show("form", "replace"));
$("#send-waiting").addEventListener("click", () => send());

// --- The answer

function showAnswer(newer) {
  const { answer } = last, { assessment } = answer;
  $("#advice").textContent = assessment.advice;
  $("#sent").textContent = newer ? says("newer") : says("sent", { time: time(answer.received_at) });
  const texts = assessment.findings.map((finding) => element("li", finding.text));
  $("#found").hidden = !texts.length;
  $("#found ul").replaceChildren(...texts);
  const next = followUp(answer.follow_up);
  $("#follow-up").hidden = !next;
  $("#next").textContent = next;
  $("#ask").hidden = !answer.ask_again.length;
  $("#chose").textContent = says("chose", {
    list: listed(answer.ask_again.map((name) =>
      says("chose_one", { band: low(answer.scores[name]), symptom: words.symptoms[name] }))),
  });
  markUrgent(assessment.level === "emergency");
  show("answer", "replace");
}

$("#ask-yes").addEventListener("click", () => {
  const { answer, seen_at } = last;
  const { scores, warning_signs, note, confirmed, ask_again, revision, id } = answer;
  put({ id, body: { seen_at, scores, warning_signs, note, revision: revision + 1,
    confirmed: [...new Set([...confirmed, ...ask_again])] } });
});

function change() {
  const { answer, seen_at } = last;
  fill(answer, { id: answer.id, revision: answer.revision + 1, seen_at });
  show("form");
}

$("#ask-no").addEventListener("click", change);
$("#edit").addEventListener("click", change);
$("#done").addEventListener("click", () => goHome());

// --- Begin

if (invitation) {
  $("#still").hidden = !access.get();
  show("sign-in", "stay");
} else if (access.get()) {
  open();
} else {
  show("no-link", "stay");
}
