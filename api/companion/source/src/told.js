// What is told of where things stand: every sentence that state and clock decide is made here. `at` is the
// moment of telling.

import { answering, isOpen, nextOpening, today } from "./hours.js";
import { state } from "./store.js";
import { answerOf, clock, day, deadline, lower, soon, spaced, t, time, until } from "./words.js";

// The last recovery day on which the plan asks.
const LAST_ASKED = 56;

export const UNRESOLVED = ["waiting", "seen", "contacted"];

// What the server answered, its follow-up with the moment at which it was asked.
export const asOf = (asked, one) => (one.follow_up ? { ...one, follow_up: { ...one.follow_up, asked_at: asked } } : one);

// "overdue" where the server said after the promised time that nobody had looked; of what it said before that,
// nobody knows here whether it still holds.
export function reached({ state: told, by, asked_at: asked }, at = Date.now()) {
  if (told !== "waiting" || !by) return told;
  if (new Date(by) >= at) return "waiting_by";
  return asked && new Date(asked) > new Date(by) ? "overdue" : "unknown";
}

const sentence = (table, status, at) => t(`${table}.${reached(status, at)}`, {
  time: status.by ? deadline(status.by, at) : "", phone: spaced(answering(state.me.clinic, at).number),
});

// Of one report; nothing where nobody follows it up.
export const followUp = (status, at = Date.now()) => (status.state === "none" ? "" : sentence("follow_up", status, at));

// Of a treatment: of its flag while it is followed, else of its day. What an older server answered says
// no more than that a flag is there.
export function phase(treatment, recoveryDay, at = Date.now()) {
  const status = treatment.follow_up ?? { state: treatment.status === "with_nurse" ? "waiting" : "none", by: null };
  if (UNRESOLVED.includes(status.state)) return sentence("phase", status, at);
  if (status.state === "closed" && recoveryDay <= LAST_ASKED) return t("phase.closed");
  if (recoveryDay <= 7) return t("phase.recovering");
  return t(recoveryDay <= LAST_ASKED ? "phase.later_checks" : "phase.ended");
}

export const isOverdue = (treatment, at = Date.now()) =>
  Boolean(treatment?.follow_up) && reached(treatment.follow_up, at) === "overdue";

const emergencies = (treatments) => treatments.map((one) => one.follow_up)
  .filter((one) => one?.urgency === "emergency" && UNRESOLVED.includes(one.state));

// An emergency that was told and that no nurse has closed.
export const emergencyOpen = (treatments) => emergencies(treatments).length > 0;

// Whether the crisis line comes first after all that was told.
export const crisisOpen = (treatments) => emergencyOpen(treatments) && emergencies(treatments).every((one) => one.help === "crisis");

// Whom to call, the number that answers first. One that nobody answers now is told without a link.
export function numbers(clinic, at = Date.now()) {
  const emergency = { name: "emergency", label: t("contact.emergency"), number: clinic.emergency_number, answered: true };
  const own = { name: "clinic", label: t("contact.clinic"), number: clinic.phone, answered: isOpen(clinic, at) };
  const closed = clinic.out_of_hours_phone && { name: "closed", label: t("contact.closed"), number: clinic.out_of_hours_phone, answered: true };
  if (own.answered) return [own, closed, emergency].filter(Boolean);
  const opens = nextOpening(clinic, at);
  const rest = { ...own, label: opens ? t("contact.opens", { time: opening(opens) }) : own.label };
  return [closed && { ...closed, label: t("contact.now_closed") }, emergency, rest].filter(Boolean);
}

const opening = ({ date, time: from, days }) => (days === 0 ? clock(from) : `${day(date, days)}, ${clock(from)}`);

export function hours(clinic, at = Date.now()) {
  const periods = today(clinic, at);
  const said = periods.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(", ");
  const whole = periods.length === 1 && periods[0][0] === "00:00" && periods[0][1] === "24:00";
  const lines = [whole ? t("hours.whole_day") : periods.length ? t("hours.today", { times: said }) : t("hours.closed_today")];
  const opens = isOpen(clinic, at) ? null : nextOpening(clinic, at);
  return opens ? [...lines, t("hours.next", { time: opening(opens) })] : lines;
}

export function avoid(one, at = Date.now()) {
  if (one.held) return { label: one.label, left: t("avoid.held"), until: "" };
  return { label: one.label, left: t("avoid.left", { time: until(one.until, at) }), until: t("avoid.until", { time: soon(one.until, at) }) };
}
export const avoided = (treatment, at = Date.now()) => treatment.avoid.filter((one) => one.held || new Date(one.until) > at);

// What becomes of entries in question without an answer.
export function unconfirmed({ at: from, follow_up: status }, at = Date.now()) {
  if (status.state !== "waiting" || !status.by) return t("answer.unconfirmed_kept");
  return t("answer.unconfirmed", { time: time(from), by: deadline(status.by, at) });
}

// Where the last answer about a symptom lies. What is in question, flagged or judged by nobody is told as it
// was answered, and never as expected.
export function lastPoint(series, place, name) {
  const last = series.points.at(-1), before = series.points.at(-2);
  if (!last) return t("course.nothing");
  const places = { symptom: name, day: last.day, band: state.definition ? lower(answerOf(state.definition, series.symptom, last.score)) : "" };
  if (last.in_question) return t("course.in_question", places);
  const plain = series.judged === false || (last.flagged && place !== "above");
  const told = t(`course.${plain ? "plain" : place}`, places);
  if (!before) return told;
  const way = last.score < before.score ? "less" : last.score > before.score ? "more" : "same";
  return `${told} ${t(`course.${way}`)}`;
}
