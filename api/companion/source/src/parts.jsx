// Parts that several screens are made of.

import { useEffect, useRef } from "preact/hooks";
import { go, state } from "./store.js";
import { answering } from "./hours.js";
import { hours, numbers } from "./told.js";
import { spaced, t } from "./words.js";

// A screen begins at its heading: readers start there, and the page's title is its name.
// What is about the patient gets a `title` of its own: browsers keep titles in their history.
export function Screen({ name, heading, title, kind = "", children }) {
  const start = useRef();
  useEffect(() => {
    document.title = `${title ?? start.current.textContent} · Afterglow`;
    scrollTo(0, 0);
    start.current.focus({ preventScroll: true });
  }, [name]);
  return (
    <main class={`page ${kind}`} id="page">
      <h1 ref={start} tabIndex={-1}>{heading}</h1>
      {children}
    </main>
  );
}

export const dialled = (number) => `tel:${number.replace(/[^\d+*#]/g, "")}`;

const CALLED = { clinic: "call_clinic", closed: "call_closed" };

export function Top() {
  const clinic = state.me?.clinic;
  // Which of a clinic's numbers the reception named is not known: its link says no more than the number.
  const called = (state.screen === "sign-in" && state.reception && { number: state.reception.phone }) || (clinic && answering(clinic));
  return (
    <header class="top">
      <span class="brand">Afterglow</span>
      {called && <a class="pill" href={dialled(called.number)}>{called.name in CALLED ? t(CALLED[called.name]) : t("sign_in.call", { phone: spaced(called.number) })}</a>}
    </header>
  );
}

const TABS = [["home", "M4 11 12 4l8 7v9h-5v-6H9v6H4z"], ["course", "M4 19h16M5 14c3-9 6-9 8-4s4 4 6 3"],
  ["learn", "M5 4h6l1 1 1-1h6v14h-6l-1 1-1-1H5zM12 5v14"], ["more", "M5 7h14M5 12h14M5 17h14"]];

export function Tabs() {
  const now = state.screen === "page" ? "learn" : state.screen;
  return (
    <nav class="tabs" aria-label={t("nav.label")}>
      {TABS.map(([name, drawing]) => (
        <button type="button" key={name} aria-current={now === name ? "page" : undefined} onClick={() => go(name)}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d={drawing} /></svg>
          <span>{t(`nav.${name}`)}</span>
        </button>
      ))}
    </nav>
  );
}

export function Numbers() {
  const { clinic } = state.me;
  return (
    <>
      <dl class="numbers">
        {numbers(clinic).map(({ name, label, number, answered }) => (
          <div key={name}><dt>{label}</dt><dd>{answered ? <a href={dialled(number)}>{spaced(number)}</a> : spaced(number)}</dd></div>
        ))}
      </dl>
      <p class="quiet">{hours(clinic).join(" ")}</p>
    </>
  );
}

export function UrgentCalls({ emergency }) {
  const closed = answering(state.me.clinic).name !== "clinic" && emergency.closed_number;
  const number = closed ? emergency.closed_number : emergency.then_number;
  return (
    <>
      <a class="button call" href={dialled(emergency.number)}>{emergency.call}</a>
      {number !== emergency.number && (
        <a class="button call-second" href={dialled(number)}><WithNumber text={closed ? emergency.closed_call : emergency.then_call} number={number} /></a>
      )}
    </>
  );
}

// The same two buttons with the crisis line first. Questions that were kept from before may not name it.
export const crisisOf = ({ crisis_number: number, crisis_call: call, ...emergency }) => (number ? { ...emergency, number, call } : emergency);

// A number stays in one piece where there is room.
export function WithNumber({ text, number }) {
  const [before, after] = text.split(number);
  return after === undefined ? text : <>{before}<span class="number">{spaced(number)}</span>{after}</>;
}

export function UrgentBar({ emergency, children }) {
  return <div class="urgent-bar">{children && <p>{children}</p>}<UrgentCalls emergency={emergency} /></div>;
}

export function Steps({ at, of }) {
  return (
    <div class="steps">
      <div class="steps-done" aria-hidden="true">
        {Array.from({ length: of }, (_, one) => <i key={one} class={one < at ? "done" : ""} />)}
      </div>
      <p class="quiet">{t("check_in.step", { at, of })}</p>
    </div>
  );
}

export function Bars({ level }) {
  return <span class={`bars bars-${level}`} aria-hidden="true"><i /><i /><i /><i /></span>;
}
