// Tips of this recovery, and pages to read.

import { Screen } from "../parts.jsx";
import { go, state } from "../store.js";
import { t } from "../words.js";

export function Learn() {
  const { tips, pages } = state;
  return (
    <Screen name="learn" heading={t("learn.heading")}>
      {tips?.instead && <p class="card notice">{tips.instead}</p>}
      {tips?.items.length > 0 && (
        <section>
          <h2>{t("learn.tips")}</h2>
          <ol class="tips">
            {tips.items.map((one) => (
              <li key={one.day} class={new Date(one.begins_at) <= Date.now() ? "" : "to-come"}>
                <p class="eyebrow">{t("course.day", { day: one.day })}</p>
                <h3>{one.title}</h3>
                <p>{one.text}</p>
              </li>
            ))}
          </ol>
        </section>
      )}
      <h2>{t("learn.pages")}</h2>
      {pages ? (
        <ul class="contents">
          {pages.map((one) => <li key={one.topic}><button type="button" onClick={() => go("page", { topic: one.topic })}>{one.title}</button></li>)}
        </ul>
      ) : <p>{t("course.offline")}</p>}
    </Screen>
  );
}

export function Page() {
  const page = state.pages?.find((one) => one.topic === state.with.topic);
  return (
    <Screen name={`page-${state.with.topic}`} heading={page?.title ?? t("learn.heading")}>
      {(page?.blocks ?? []).map((one, number) => (
        one.items.length ? <ul key={number}>{one.items.map((item) => <li key={item}>{item}</li>)}</ul> : <p key={number}>{one.text}</p>
      ))}
      <button class="button second" type="button" onClick={() => go("learn")}>{t("learn.back")}</button>
    </Screen>
  );
}
