// The public API for patients, the only thing this page talks to.

const API = "/api/v1";
const MOST_PAGES = 20;
const PATIENCE = 20_000;
const PATIENCE_WITH_PHOTO = 120_000;

// Why a call came to nothing: "offline", "server" (try again later), or the last part of the problem's type.
export class Failed extends Error {
  constructor(kind, problem = {}) {
    super(kind);
    this.kind = kind;
    this.problem = problem ?? {};
  }
  get passes() {
    return this.kind === "offline" || this.kind === "server";
  }
}

async function send(method, path, { token, body, type = "application/json", headers = {}, patience = PATIENCE }) {
  const answer = await fetch(API + path, {
    method, body, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout?.(patience),
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }), ...(body && { "Content-Type": type }), ...headers,
    },
  }).catch(() => {
    throw new Failed("offline");
  });
  if (answer.ok || answer.status === 304) return answer;
  const problem = await answer.json().catch(() => null);
  // What is not a problem document comes from a machine in between.
  const kind = problem?.type?.split(":").pop();
  throw new Failed(answer.status >= 500 || answer.status === 408 || !kind ? "server" : kind, problem);
}

async function read(answer, as) {
  try {
    return await answer[as]();
  } catch {
    throw new Failed("offline"); // an answer cut short is as good as none
  }
}

export async function call(method, path, { body, ...rest } = {}) {
  const answer = await send(method, path, { ...rest, body: body && JSON.stringify(body) });
  if (answer.status === 204 || answer.headers.get("Content-Length") === "0") return null;
  return read(answer, "json");
}

// A whole list, page by page.
export async function all(path, { token }) {
  const items = [];
  for (let cursor = "", pages = 0; cursor !== null && pages < MOST_PAGES; pages += 1) {
    const page = await call("GET", `${path}?limit=200${cursor && `&cursor=${cursor}`}`, { token });
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

export async function ifChanged(path, { token, etag }) {
  const answer = await send("GET", path, { token, headers: etag ? { "If-None-Match": etag } : {} });
  if (answer.status === 304) return null;
  return { value: await read(answer, "json"), etag: answer.headers.get("ETag") };
}

export async function picture(path, { token }) {
  return read(await send("GET", path, { token }), "blob");
}

export async function upload(path, { token, bytes, type }) {
  return read(await send("PUT", path, { token, body: bytes, type, patience: PATIENCE_WITH_PHOTO }), "json");
}
