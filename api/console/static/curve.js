// Redraws a curve and checks it as it is typed. The server does both: it is sent the form as it stands, and of
// the page that it answers with only what was checked is taken. Everything works without this, by a button.
(() => {
  "use strict";

  const WAIT_MS = 350;
  const TAKEN = ["curve-drawing", "curve-differs", "trouble-place"];
  const form = document.getElementById("curve-form");
  const status = document.getElementById("curve-status");
  let waiting = 0;
  let asked = null;

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };

  // What stands beside a number: its fault, or what runs instead. The number itself is left to whoever types.
  const takeSaid = (fresh) => {
    form.querySelectorAll("table input").forEach((input) => {
      const checked = fresh.getElementById(input.id);
      ["aria-invalid", "aria-describedby"].forEach((name) => {
        if (checked.hasAttribute(name)) input.setAttribute(name, checked.getAttribute(name));
        else input.removeAttribute(name);
      });
      const said = `${input.id}-said`;
      document.getElementById(said).replaceChildren(...fresh.getElementById(said).childNodes);
    });
  };

  const take = (page) => {
    const fresh = new DOMParser().parseFromString(page, "text/html");
    takeSaid(fresh);
    TAKEN.forEach((id) => {
      document.getElementById(id).replaceChildren(...fresh.getElementById(id).childNodes);
    });
    say(fresh.getElementById("curve-status").textContent);
    // What was tried is no longer what stands here.
    const replayed = document.getElementById("replayed");
    if (replayed) replayed.closest("section").remove();
  };

  const check = async () => {
    if (asked) asked.abort();
    const own = new AbortController();
    asked = own;
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("once");
    fields.set("do", "check");
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: fields, redirect: "manual", signal: own.signal,
      });
      if (answer.type === "opaqueredirect") return say("Your session has ended. Keep the draft: you sign in, and it is as it was.");
      if (!answer.ok) return say("It could not be checked. It is checked when you keep it.");
      take(await answer.text());
    } catch {
      if (!own.signal.aborted) say("The connection is lost. It is checked when you keep it.");
    }
    return null;
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(check, WAIT_MS);
  });
})();
