// A photo with the report, with the last one beside it, so that both are taken alike.

import { useEffect, useState } from "preact/hooks";
import { all, call, picture } from "../api.js";
import { prepared } from "../photo.js";
import { set, state } from "../store.js";
import { date, t } from "../words.js";

const MOST = 4;
const REPORTS_TO_LOOK_THROUGH = 5;

export function Photos() {
  const { photos = [] } = state;
  const [unreadable, tell] = useState(false);
  async function take({ target }) {
    const made = await Promise.all([...target.files].slice(0, MOST - photos.length).map(prepared));
    target.value = "";
    tell(made.includes(null));
    const good = made.filter(Boolean).map((one) => ({ ...one, url: URL.createObjectURL(one.blob) }));
    set({ photos: [...(state.photos ?? []), ...good] });
  }
  function drop(one) {
    URL.revokeObjectURL(one.url);
    set({ photos: state.photos.filter((other) => other !== one) });
  }
  return (
    <section class="card" aria-labelledby="photos">
      <h2 id="photos">{t("photos.heading")}</h2>
      <p class="quiet">{t("photos.hint")}</p>
      <div class="photos">
        <Before />
        {photos.map((one, number) => (
          <figure key={one.url}>
            <img src={one.url} alt={t("photos.alt", { number: number + 1 })} />
            <figcaption><button class="link" type="button" onClick={() => drop(one)} aria-label={t("photos.remove_one", { number: number + 1 })}>{t("photos.remove")}</button></figcaption>
          </figure>
        ))}
      </div>
      {unreadable && <p class="error" role="alert">{t("photos.unreadable")}</p>}
      {photos.length < MOST && (
        <>
          <label class="button second file">
            <input type="file" accept="image/*" capture="user" onChange={take} /><span>{t("photos.take")}</span>
          </label>
          <label class="button second file">
            <input type="file" accept="image/*" multiple onChange={take} /><span>{t("photos.choose")}</span>
          </label>
        </>
      )}
    </section>
  );
}

function Before() {
  const [last, show] = useState(null);
  useEffect(() => {
    let url = null, gone = false;
    newest().then((found) => {
      if (!found || gone) return;
      url = URL.createObjectURL(found.blob);
      show({ ...found, url });
    }, () => null);
    return () => {
      gone = true;
      if (url) URL.revokeObjectURL(url);
    };
  }, []);
  if (!last) return null;
  return <figure><img src={last.url} alt={t("photos.before_alt", { date: date(last.seen_at) })} /><figcaption>{t("photos.before", { date: date(last.seen_at) })}</figcaption></figure>;
}

async function newest() {
  const { token } = state.account;
  const items = await all(`/me/treatments/${state.treatment.id}/reports`, { token });
  for (const report of items.reverse().slice(0, REPORTS_TO_LOOK_THROUGH)) {
    const photos = await call("GET", `/me/reports/${report.id}/photos`, { token });
    if (photos.items.length) {
      const path = `/me/reports/${report.id}/photos/${photos.items[0].id}?size=thumbnail`;
      return { seen_at: report.seen_at, blob: await picture(path, { token }) };
    }
  }
  return null;
}
