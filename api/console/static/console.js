// Keeps lists current without reloading, and lets the whole console be worked from the keyboard.
// Every page works without it.
(() => {
  "use strict";

  const LIVE = "Afterglow-Live";
  const EVERY_MS = 10000;
  const EVERY_HIDDEN_MS = 60000;
  const OFF = "afterglow-keys-off";
  const BACK_TO = "afterglow-row";
  const main = document.getElementById("main");
  const keys = document.getElementById("keys");
  let shown = "";

  // ---- Live lists

  const typing = (element) =>
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement ||
    (element instanceof HTMLInputElement && element.type !== "checkbox");

  const isTyping = () => typing(document.activeElement) && main.contains(document.activeElement);

  // Where the focus is, so that it can be put back into the same row of the new list.
  const placeOfFocus = () => {
    const focused = document.activeElement;
    const row = focused && focused.closest("[data-row]");
    if (!row) return null;
    const all = [...row.querySelectorAll("a, button, input")];
    return { id: row.id, index: all.indexOf(focused) };
  };

  const focusAgain = (place) => {
    const row = place && document.getElementById(place.id);
    const target = row && row.querySelectorAll("a, button, input")[place.index];
    if (target) target.focus({ preventScroll: true });
  };

  const replace = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const place = placeOfFocus();
    const chosen = new Set([...main.querySelectorAll("[data-choose]:checked")].map((box) => box.value));
    const before = new Set([...main.querySelectorAll("[data-row]")].map((row) => row.id));
    document.title = fresh.title;
    document.getElementById("places").replaceChildren(...fresh.getElementById("places").childNodes);
    main.replaceChildren(...fresh.getElementById("main").childNodes);
    main.querySelectorAll("[data-choose]").forEach((box) => { box.checked = chosen.has(box.value); });
    revealScripted();
    focusAgain(place);
    const added = [...main.querySelectorAll("[data-row]")].filter((row) => !before.has(row.id)).length;
    if (added) document.getElementById("told").textContent = `${added} new in this list.`;
  };

  const LOST = "The connection is lost. This list no longer changes by itself.";
  const ENDED = "Your session has ended. Send what you are writing: you sign in, and it is as it was.";

  const lost = (is, why = LOST) => {
    let notice = document.getElementById("live-lost");
    if (!is && notice) notice.remove();
    if (!is || notice) return;
    notice = document.createElement("p");
    notice.id = "live-lost";
    notice.className = "alert live-lost";
    notice.setAttribute("role", "alert");
    const words = document.createElement("span");
    words.textContent = why;
    notice.append(words);
    main.before(notice);
  };

  const isWritten = () => [...main.querySelectorAll("textarea, input")].some((field) => field.value !== field.defaultValue);

  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { headers: { [LIVE]: shown || "none" }, redirect: "manual" });
      // What was written is kept when its form is sent: signing in brings it back.
      if (answer.type === "opaqueredirect") return isWritten() ? lost(true, ENDED) : location.reload();
      if (answer.status === 200 && !isTyping()) {
        replace(await answer.text());
        shown = answer.headers.get(LIVE);
      }
      if (answer.ok) setAsOf();
      lost(!answer.ok);
    } catch {
      lost(true);
    }
    return null;
  };

  const setAsOf = () => {
    const place = document.querySelector("#as-of time");
    if (!place) return;
    const zone = place.dataset.zone;
    place.textContent = new Intl.DateTimeFormat("en-GB", {
      hour: "2-digit", minute: "2-digit", timeZone: zone,
    }).format(new Date());
  };

  const keepCurrent = () => {
    const wait = document.hidden ? EVERY_HIDDEN_MS : EVERY_MS;
    setTimeout(async () => { await refresh(); keepCurrent(); }, wait);
  };

  // ---- Keys

  const rows = () => [...document.querySelectorAll("[data-row]")];
  const current = () => document.activeElement.closest && document.activeElement.closest("[data-row]");
  const entryOf = (row) => row.querySelector("[data-row-link]") || row.querySelector("a, button, input");

  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    entryOf(next).focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const press = (element) => {
    if (!element) return false;
    if (typing(element)) element.focus();
    else {
      const row = element.closest("[data-row]");
      if (row) sessionStorage.setItem(BACK_TO, `${location.pathname} ${rows().indexOf(row)}`);
      element.click();
    }
    return true;
  };

  const read = () => {
    const chosen = main.querySelector("[data-choose]:checked");
    const row = current();
    return press(chosen ? document.getElementById("read-chosen") : row && row.querySelector("[data-read]"));
  };

  const choose = () => {
    const row = current();
    const box = row && row.querySelector("[data-choose]");
    if (box) box.checked = !box.checked;
    return Boolean(box);
  };

  const act = (key) => {
    if (key === "j") return move(1);
    if (key === "k") return move(-1);
    if (key === "?") return keys && keys.showModal();
    if (key === "r" && document.getElementById("to-read")) return read();
    if (key === "x" && choose()) return true;
    const name = CSS.escape(key);
    const row = current();
    const within = row && row.querySelector(`[data-key="${name}"]`);
    return press(within || [...document.querySelectorAll(`[data-key="${name}"]`)].find((one) => !one.closest("[data-row]")));
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key.length !== 1 || event.key === " " || (keys && keys.open)) return;
    if (localStorage.getItem(OFF) && event.key !== "?") return;
    if (act(event.key) !== false) event.preventDefault();
  };

  const revealScripted = () => {
    document.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
    const all = document.getElementById("choose-all");
    if (all) {
      all.addEventListener("change", () => {
        main.querySelectorAll("[data-choose]").forEach((box) => { box.checked = all.checked; });
      });
    }
  };

  const backToRow = () => {
    const [path, index] = (sessionStorage.getItem(BACK_TO) || "").split(" ");
    sessionStorage.removeItem(BACK_TO);
    if (path !== location.pathname || document.activeElement !== document.body) return;
    const row = rows()[Math.min(Number(index), rows().length - 1)];
    if (row) entryOf(row).focus();
  };

  // What somebody was writing when their session had ended stands in its form as it was.
  const writeAgain = (held) => {
    const form = [...document.forms].find((one) => new URL(one.action).pathname === held.dataset.action);
    if (!form) return;
    const fields = JSON.parse(held.dataset.fields);
    [...form.elements].forEach((field) => {
      if (!field.name || ["csrf", "once"].includes(field.name) || ["submit", "button", "password", "file"].includes(field.type)) return;
      if (["checkbox", "radio"].includes(field.type)) field.checked = fields[field.name] === field.value;
      else if (field.name in fields) field.value = fields[field.name];
    });
    for (let around = form.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    const first = form.querySelector("textarea, input:not([type=hidden]), select");
    if (first) first.focus();
  };

  // What can be taken back for a minute is offered for that long; the server decides all the same.
  document.querySelectorAll("[data-until]").forEach((form) => {
    const left = new Date(form.dataset.until) - Date.now();
    setTimeout(() => form.remove(), Math.min(Math.max(left, 0), 60000));
  });

  // Closing offers the text that goes with the outcome; the nurse may choose another or none.
  const outcome = document.getElementById("outcome");
  const tell = document.getElementById("tell");
  if (outcome && tell) {
    outcome.addEventListener("change", () => { tell.value = outcome.selectedOptions[0].dataset.offers || ""; });
  }

  if (keys) {
    const open = document.getElementById("keys-open");
    const off = document.getElementById("keys-off");
    open.hidden = false;
    open.addEventListener("click", () => keys.showModal());
    document.getElementById("keys-close").addEventListener("click", () => keys.close());
    off.checked = Boolean(localStorage.getItem(OFF));
    off.addEventListener("change", () => {
      if (off.checked) localStorage.setItem(OFF, "1");
      else localStorage.removeItem(OFF);
    });
  }
  revealScripted();
  backToRow();
  const held = document.getElementById("held");
  if (held) writeAgain(held);
  document.addEventListener("keydown", onKey);
  if (main && main.hasAttribute("data-live")) {
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
    keepCurrent();
  }
})();
