// What this device keeps, and how it speaks to the public API for patients, the only thing it talks to.

const API = "/api/v1";
const PATIENCE = 20_000;

// --- What is kept
// The bearer token is kept for this tab, and gone with it: phones are shared, and the next person opens
// the same browser. Only who says that the phone is theirs stays signed in (localStorage, until they sign
// out). A cookie would be sent along by any page that makes the browser call us; a token kept here is
// only ever sent by this script, and the page's policy lets no other script in.
// What is being answered is kept for the tab as well, because phones throw background tabs away while
// their owner looks into a mirror; it goes when it is sent, and on signing out.

const TAB = "sessionStorage", PHONE = "localStorage";

function read(key, where) {
  try { return JSON.parse(window[where].getItem(key)); } catch { return null; }
}

function write(key, value, where) {
  try {
    if (value === null) window[where].removeItem(key);
    else window[where].setItem(key, JSON.stringify(value));
  } catch { /* some browsers let us keep nothing: then memory has to do */ }
}

const memory = (key) => {
  let held = read(key, TAB);
  return { get: () => held, set(value) { held = value; write(key, value, TAB); } };
};
export const draft = memory("draft"); // {treatment, editing, scores, warning_signs, note}
export const unsent = memory("unsent"); // {treatment, id, body}: may or may not have reached the server
export const access = memory("token");

if (!access.get()) access.set(read("token", PHONE));

export function stay(token) {
  write("token", token, PHONE);
}

export function forget() {
  for (const one of [draft, unsent, access]) one.set(null);
  stay(null);
}

// --- Speaking to the API

class Failed extends Error {
  constructor(kind, problem = {}) { super(kind); this.kind = kind; this.stored = problem?.stored; }
}

export async function call(method, path, body, headers = {}) {
  const token = access.get();
  let answer, found = null;
  try {
    answer = await fetch(API + path, {
      method, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout?.(PATIENCE),
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { "Content-Type": "application/json" }), ...headers,
      },
      body: body && JSON.stringify(body),
    });
    if (answer.status === 204) return null;
    found = await answer.json();
  } catch (error) {
    // An answer cut short is as good as none; something that is not JSON comes from a machine in between.
    throw new Failed(error instanceof SyntaxError && answer?.status >= 500 ? "server" : "offline");
  }
  if (answer.ok) return found;
  const kind = found?.type?.split(":").pop() ?? "rejected";
  if (answer.status >= 500 || ["request-timeout", "too-many-requests"].includes(kind)) throw new Failed("server");
  throw new Failed(kind, found);
}
