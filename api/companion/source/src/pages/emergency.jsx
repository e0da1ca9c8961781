// An emergency sign was ticked: whom to call, over everything else, with or without a network.

import { useEffect, useRef } from "preact/hooks";
import { UrgentCalls } from "../parts.jsx";
import { holds } from "../rules.js";
import { state } from "../store.js";
import { list, lower, t } from "../words.js";
import { complete, submit } from "./sending.js";

export function Emergency({ signs, mistake, close }) {
  const { emergency, warning_signs } = state.definition;
  const panel = useRef(), start = useRef();
  useEffect(() => {
    panel.current.showModal();
    start.current.focus();
  }, []);
  const told = warning_signs.filter((one) => holds(one, signs)).map((one) => lower(one.label));
  return (
    <dialog ref={panel} class="urgent" aria-labelledby="urgent-heading" onCancel={close}>
      <h1 id="urgent-heading" tabIndex={-1} ref={start}>{emergency.heading}</h1>
      <p class="advice">{emergency.text}</p>
      <p>{t("urgent.ticked", { list: list(told) })}</p>
      <UrgentCalls emergency={emergency} />
      {complete()
        ? <button class="button second" type="button" onClick={submit}>{t("urgent.send")}</button>
        : <button class="button second" type="button" onClick={close}>{t("urgent.go_on")}</button>}
      <p class="quiet">{t("urgent.send_hint")}</p>
      <button class="link" type="button" onClick={mistake}>{t("urgent.mistake")}</button>
    </dialog>
  );
}
