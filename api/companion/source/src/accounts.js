// Who is signed in on this device. On an own phone an account is kept, sealed, until its patient signs out; on
// a shared one it lives in this tab and goes with it.

import { call } from "./api.js";
import * as vault from "./vault.js";

const TAB = "tab-account";

const inTab = {
  get() {
    try { return JSON.parse(sessionStorage.getItem(TAB)); } catch { return null; }
  },
  set(account) {
    try {
      if (account) sessionStorage.setItem(TAB, JSON.stringify(account));
      else sessionStorage.removeItem(TAB);
    } catch { /* then the page has to stay open */ }
  },
};

// The same patient is the same account, however often they sign in; the name on the outside tells nothing.
async function ownerOf(patientId) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`afterglow:${patientId}`));
  return [...new Uint8Array(digest.slice(0, 16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

export async function all() {
  const kept = (await vault.all("account")).map((one) => one.value);
  const here = inTab.get();
  return here ? [here, ...kept.filter((one) => one.id !== here.id)] : kept;
}

export async function save(account) {
  if (account.own) await vault.put({ id: `account-${account.id}`, kind: "account", owner: account.id, value: account });
  else if (!vault.isWiped(account.id)) inTab.set({ ...account, snapshot: { me: account.snapshot.me } });
}

// Resolves to the account and the profile. What waits for the same patient goes on waiting under it.
export async function signIn(body, { own }) {
  const opened = await call("POST", "/patient/sessions", { body });
  const me = await call("GET", "/me", { token: opened.access_token });
  const id = await ownerOf(me.id);
  const account = {
    id, own, token: opened.access_token, name: me.first_name, language: me.language, snapshot: { me },
  };
  const here = inTab.get();
  if (here && (own ? here.id === id : here.id !== id)) await leave(here);
  await save(account);
  return account;
}

// The clinic or time ended the session: the token goes, what is unsent stays for the same patient.
export async function ended(account) {
  const left = { ...account, token: null };
  if (account.own) await save(left);
  else inTab.set(null);
  return left;
}

async function leave(account) {
  await call("DELETE", "/patient/sessions/current", { token: account.token }).catch(() => null);
  if (inTab.get()?.id === account.id) inTab.set(null);
}

// First what is kept here, then the session: without a connection the token is forgotten all the same, and
// nobody can use what nobody has.
export async function signOut(account) {
  await vault.wipe(account.id);
  inTab.set(null);
  if (account.token) await leave(account);
}
