// What the page says, in the patient's language, and how moments and numbers are told.

import en from "../../../../config/messages/en/companion.toml";
import es from "../../../../config/messages/es/companion.toml";
import fr from "../../../../config/messages/fr/companion.toml";
import warning from "warning";
import { state } from "./store.js";

const WORDS = { en, es, fr };
export const LANGUAGES = Object.keys(WORDS);
export const nameOf = (language) => WORDS[language].name;

// The first of the browser's languages that we speak.
export const guessed = () =>
  navigator.languages.map((one) => one.slice(0, 2).toLowerCase()).find((one) => one in WORDS) ?? "en";

// An invitation says by its last character in which language its page begins; see credentials.py.
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
export const spokenBy = (invitation) => LANGUAGES[DIGITS.indexOf(invitation.at(-1)) % 16] ?? guessed();

// What the clinic's director signed comes before what this page was built with.
const signed = (key) => (state.words?.language === state.language ? state.words.words[key] : undefined);

export function t(key, places = {}) {
  const text = signed(key) ?? key.split(".").reduce((table, name) => table[name], WORDS[state.language]);
  return text.replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);
}

// Whom to call where it cannot wait, for whoever has not signed in.
export const emergencyAnywhere = () => warning[state.language];

// The words for one of something, or for several.
export const counted = (key, count) =>
  t(`${key}_${new Intl.PluralRules(state.language).select(count) === "one" ? "one" : "several"}`, { count });

export const has = (table, name) => name in WORDS[state.language][table];

function told(moment, options) {
  return new Intl.DateTimeFormat(state.language, { timeZone: state.me?.time_zone, ...options }).format(new Date(moment));
}
export const time = (moment) => told(moment, { hour: "numeric", minute: "2-digit" });
export const date = (moment) => told(moment, { weekday: "short", day: "numeric", month: "long" });
// A day of the calendar, the same in every zone.
export const calendarDay = (day) => new Intl.DateTimeFormat(state.language, { timeZone: "UTC", dateStyle: "long" }).format(new Date(day));
export const soon = (moment, at = Date.now()) => (date(moment) === date(at) ? time(moment) : `${date(moment)}, ${time(moment)}`);

// A promised time by the clinic's wall clock, with its day unless it is today. Midnight ends the day before.
export function deadline(moment, at = Date.now()) {
  const zone = state.me.clinic.time_zone;
  const said = (options, when) => new Intl.DateTimeFormat(state.language, { timeZone: zone, ...options }).format(when);
  const midnight = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit" });
  const given = new Date(moment), end = midnight.format(given) === "00:00" ? new Date(given - 60_000) : given;
  const onDay = { weekday: "short", day: "numeric", month: "long" }, byClock = { hour: "numeric", minute: "2-digit" };
  const today = said(onDay, end) === said(onDay, new Date(at));
  const told = today ? said(byClock, end) : `${said(onDay, end)}, ${said(byClock, end)}`;
  return said(byClock, end) === time(end) ? told : t("follow_up.clinic_time", { time: told });
}

// A wall time of the clinic, "09:00" or "24:00".
export const clock = (wall) => new Intl.DateTimeFormat(state.language, { timeZone: "UTC", hour: "numeric", minute: "2-digit" })
  .format(new Date(`1970-01-01T${wall === "24:00" ? "00:00" : wall}Z`));
// A day of the clinic's calendar, so many days ahead.
export const day = (calendar, days) => new Intl.DateTimeFormat(state.language, {
  timeZone: "UTC", ...(days < 7 ? { weekday: "long" } : { weekday: "short", day: "numeric", month: "long" }),
}).format(new Date(calendar));

// "2 days", "5 hours": how long until a moment, in the larger unit.
export function until(moment, at = Date.now()) {
  const hours = Math.max(1, Math.ceil((new Date(moment) - at) / 3_600_000));
  const [count, unit] = hours >= 48 ? [Math.round(hours / 24), "day"] : [hours, "hour"];
  return new Intl.NumberFormat(state.language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

export const list = (items) => new Intl.ListFormat(state.language).format(items);
export const spaced = (number) => number.replace(/^(\+1)(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3 $4");
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);

// Answers by text come as any number: they are told by the step they lie in, in the words of their question.
// A definition that was kept from before has no words of each question yet.
export function answerOf(definition, symptom, score) {
  const band = definition.bands.find((one) => one.least <= score && score <= one.most);
  return labelOf(definition.items.find((one) => one.symptom === symptom), band);
}
export const labelOf = (item, band) => (item?.answers?.find((one) => one.name === band.name) ?? band).label;
