// An emergency that was told, over every page until a nurse has closed it, sent or not.

import { UrgentBar, crisisOf, dialled } from "./parts.jsx";
import { firstNumber } from "./pages/answer.jsx";
import { mostUrgent, urgentSigns } from "./rules.js";
import { state } from "./store.js";
import { crisisOpen, emergencyOpen } from "./told.js";
import { t } from "./words.js";

// Which number the screen itself puts first, by what it is about.
function saidHere() {
  const { screen, definition, draft } = state;
  if (screen === "answer") return firstNumber(state.with);
  return screen === "check-in" && definition && draft && urgentSigns(definition, draft.signs).length > 0 ? "emergency" : null;
}

export function StillUrgent() {
  const { definition, treatments, pending, screen } = state;
  const unsent = definition && pending.some(({ value }) =>
    value.what === "report" && mostUrgent(definition, value.body.warning_signs) === "emergency");
  if (!state.me || screen === "sign-in" || !(unsent || emergencyOpen(treatments))) return null;
  // Who wrote of harming themselves finds the crisis line, and no word of an emergency.
  const crisis = !unsent && crisisOpen(treatments), said = saidHere();
  if (said === "emergency" || (said && crisis)) return null;
  const { emergency_number: number } = state.me.clinic;
  const why = crisis ? null : t("urgent.still");
  return definition
    ? <UrgentBar emergency={crisis ? crisisOf(definition.emergency) : definition.emergency}>{why}</UrgentBar>
    : <div class="urgent-bar">{why && <p>{why}</p>}<a class="button call" href={dialled(number)}>{t("sign_in.call", { phone: number })}</a></div>;
}
