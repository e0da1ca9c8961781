// The page's words, which the server put into it, and how figures and moments are told.

export const words = JSON.parse(document.querySelector("#words").content.textContent);
export const says = (key, places = {}) =>
  words.says[key].replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);

export const time = (moment) => new Date(moment).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
export const date = (moment) =>
  new Date(moment).toLocaleDateString([], { weekday: "short", day: "numeric", month: "long" });
const soon = (moment) =>
  new Date(moment).toDateString() === new Date().toDateString()
    ? time(moment) : `${date(moment)}, ${time(moment)}`;

export const spaced = (number) => number.replace(/^(\+1)(\d{3})(\d{3})(\d{4})$/, "$1\u00a0$2\u00a0$3\u00a0$4");

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const listed = (items) =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${says("and")} ${items.at(-1)}`;

// Answers by text come as any number: they are told by the nearest step.
export const nearest = (score) =>
  words.bands.reduce((best, one) => Math.abs(one.score - score) <= Math.abs(best.score - score) ? one : best);
export const band = (score) => nearest(score).label;
export const low = (score) => band(score).toLowerCase();

export function followUp({ state, by }) {
  if (state === "none") return "";
  return state === "waiting" && by ? says("waiting_by", { time: soon(by) }) : says(state);
}

export const urgentOf = (signs) => signs.filter((sign) => words.emergency.includes(sign) ||
  words.together.some((pair) => pair.includes(sign) && pair.every((one) => signs.includes(one))));
export const isUrgent = (signs) => urgentOf(signs).length > 0;
