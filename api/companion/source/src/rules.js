// The two rules of a check-in that must hold without a network, as its definition gives them.

// The signs that a box stands for: the one that a tick sends, and those it covers. A report may hold any of
// them: other words, an older protocol or a text told it.
const signsOf = ({ sign, covers }) => [sign, ...(covers ?? [])];

// Whether a box is ticked by any of its signs.
export const holds = (box, ticked) => signsOf(box).some((sign) => ticked.includes(sign));

// What is ticked after a box was ticked or cleared.
export const withBox = (box, ticked, on) => {
  const others = ticked.filter((sign) => !signsOf(box).includes(sign));
  return on ? [...others, box.sign] : others;
};

// Which of the ticked signs ask for help now, alone or together.
export function urgentSigns(definition, ticked) {
  const alone = definition.warning_signs
    .filter((one) => one.urgency === "emergency" && holds(one, ticked)).map((one) => one.sign);
  const together = definition.together
    .filter((one) => one.urgency === "emergency" && one.signs.every((sign) => ticked.includes(sign)))
    .flatMap((one) => one.signs);
  return [...new Set([...alone, ...together])];
}

export function mostUrgent(definition, ticked) {
  if (urgentSigns(definition, ticked).length) return "emergency";
  const found = definition.warning_signs.filter((one) => holds(one, ticked)).map((one) => one.urgency);
  return ["same_day", "next_business_day"].find((one) => found.includes(one)) ?? null;
}

// In which area it is strongest is asked where there are several and something is at least a little. A
// definition that was kept from before does not ask.
export const asksWhere = ({ where }, scores) => Boolean(where) && Object.values(scores).some((score) => score >= where.from_score);

// The marks of earlier treatments that this check-in asks for too, now.
export const alsoAsked = ({ also_asked: also = [] }, at = Date.now()) =>
  also.filter((one) => !one.done && new Date(one.opens_at) <= at && at < new Date(one.closes_at));

const hoursBetween = (from, to) => (new Date(to) - new Date(from)) / 3_600_000;

// As the server counts and says them: the days go on without a network.
export const recoveryDay = ({ performed_at }) => Math.max(0, Math.floor((hoursBetween(performed_at, Date.now()) + 12) / 24));

// The bounds of a moment: straight in between, level outside.
function boundsAt(bounds, hours) {
  const after = bounds.findIndex((one) => one.hours >= hours);
  if (after <= 0) return after === 0 ? bounds[0] : bounds.at(-1);
  const [low, high] = [bounds[after - 1], bounds[after]];
  const share = (hours - low.hours) / (high.hours - low.hours);
  const between = (name) => low[name] + share * (high[name] - low[name]);
  return { p90: between("p90"), p97_5: between("p97_5") };
}

// Each answer as the score that its step is sent as: what was kept from a text, or by an older page, may be
// any number within the step that is shown as chosen.
export const inSteps = ({ bands }, scores) => Object.fromEntries(Object.entries(scores).map(([symptom, score]) =>
  [symptom, bands.find((one) => one.least <= score && score <= one.most).score]));

// What a score stands for: one of the five words for a range, a number for itself. A definition that was kept
// from before names no ranges.
function meant(rule, answers, score) {
  const range = answers === "words" ? rule.answers?.find((one) => one.score === score) : undefined;
  return range ? { least: range.least, middle: (range.least + range.most) / 2 } : { least: score, middle: score };
}

// The entries of answers in words that may be slips of the finger, in the order of the questions. `earlier` are
// reports of the same treatment as {seen_at, scores, answers}: the newest seen before this one is compared with.
export function doubtful(definition, scores, { seenAt, earlier = [] }) {
  const rule = definition.ask_again;
  const hours = hoursBetween(definition.performed_at, seenAt);
  const before = [rule.last, ...earlier].filter((one) => one && new Date(one.seen_at) < new Date(seenAt))
    .sort((a, b) => new Date(b.seen_at) - new Date(a.seen_at))[0];
  const near = before && hoursBetween(before.seen_at, seenAt) <= rule.within_hours ? before : { scores: {} };
  const judged = rule.symptoms.filter((one) => one.symptom in scores).map((one) => {
    const { p90, p97_5 } = boundsAt(one.bounds, hours);
    const told = near.scores[one.symptom];
    const last = told === undefined ? undefined : meant(rule, near.answers, told).middle;
    return { ...one, ...meant(rule, "words", scores[one.symptom]), last, p90: p90 * rule.widen, top: p97_5 * rule.widen };
  });
  const high = judged.filter((one) => one.rising && one.least > one.top).map((one) => one.symptom);
  return judged.filter((one) => unlike(one, rule) && high.filter((other) => other !== one.symptom).length < rule.agreeing)
    .map((one) => one.symptom);
}

function unlike({ least, middle, last, p90, top, margin, rising }, rule) {
  if (last !== undefined && Math.abs(middle - last) <= rule.same) return false;
  if (margin !== null && least >= Math.max(top + margin, rule.least)) return true;
  if (last === undefined) return false;
  return (rising && least >= rule.least && middle - last >= rule.jump && least > p90) || last - middle >= rule.drop;
}
