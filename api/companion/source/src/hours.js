// When the clinic is open and which of its numbers somebody answers: by its own wall clock, as the server
// counts, and without a network.

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const LOOK_AHEAD_DAYS = 60;
const DAY = 86_400_000;

// A moment as the clinic's wall shows it: its date and its time of day.
function wall(clinic, at) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: clinic.time_zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  }).formatToParts(new Date(at));
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return { date: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}` };
}

const later = (date, days) => new Date(Date.parse(date) + days * DAY).toISOString().slice(0, 10);

function periodsOn(clinic, date) {
  if (date in clinic.holidays) return [];
  return clinic.weekly_hours[WEEKDAYS[new Date(date).getUTCDay()]] ?? [];
}

export function isOpen(clinic, at = Date.now()) {
  const { date, time } = wall(clinic, at);
  return periodsOn(clinic, date).some(([opens, closes]) => opens <= time && time < closes);
}

export const today = (clinic, at = Date.now()) => periodsOn(clinic, wall(clinic, at).date);

// The next opening as {date, time, days}; null where there is none in the coming weeks.
export function nextOpening(clinic, at = Date.now()) {
  const { date, time } = wall(clinic, at);
  for (let days = 0; days < LOOK_AHEAD_DAYS; days += 1) {
    const found = periodsOn(clinic, later(date, days)).find(([opens]) => days > 0 || opens > time);
    if (found) return { date: later(date, days), time: found[0], days };
  }
  return null;
}

// The number that somebody answers at this moment, and which of the clinic's it is.
export function answering(clinic, at = Date.now()) {
  if (isOpen(clinic, at)) return { name: "clinic", number: clinic.phone };
  if (clinic.out_of_hours_phone) return { name: "closed", number: clinic.out_of_hours_phone };
  return { name: "emergency", number: clinic.emergency_number };
}
