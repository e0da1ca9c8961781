// What this device keeps between visits, sealed: AES-GCM under a key that the browser holds and lets nobody
// read, us included. Which patient a record belongs to is bound into it.
// Where the browser lets us keep nothing, memory has to do, and the page says so.

import { openDB } from "idb";

const memory = new Map();
const wiped = new Set();
let held = null;

const database = openDB("afterglow", 1, {
  upgrade(made) {
    made.createObjectStore("keys");
    made.createObjectStore("sealed", { keyPath: "id" });
  },
}).catch(() => null);

export const keeps = async () => (await database) !== null;

async function key() {
  const db = await database;
  held ??= await db?.get("keys", "device");
  if (held) return held;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Of two tabs that make one at once, the first one's is everybody's.
  const change = db?.transaction("keys", "readwrite");
  held = (await change?.store.get("device")) ?? made;
  if (held === made) await change?.store.put(made, "device");
  await change?.done;
  return held;
}

const bound = ({ id, kind, owner }) => new TextEncoder().encode(`${kind}|${owner}|${id}`);

async function sealed(record, data) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const locked = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(record) }, await key(), data);
  return { iv, locked };
}

async function opened(record, { iv, locked }) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bound(record) }, await key(), locked);
}

// Whether this owner's records are gone for good. What was still on its way for them is not kept.
export const isWiped = (owner) => wiped.has(owner);

export async function put({ id, kind, owner, value, bytes }) {
  if (isWiped(owner)) return;
  const record = { id, kind, owner };
  const parts = { value: await sealed(record, new TextEncoder().encode(JSON.stringify(value))) };
  if (bytes) parts.bytes = await sealed(record, bytes);
  const db = await database;
  if (isWiped(owner)) return; // meanwhile
  await (db ? db.put("sealed", { ...record, ...parts }) : memory.set(id, { ...record, ...parts }));
}

// Everything of a kind, of one owner where one is named; `bytes()` opens what else a record holds.
export async function all(kind, owner) {
  const db = await database;
  const found = (db ? await db.getAll("sealed") : [...memory.values()])
    .filter((one) => one.kind === kind && (owner === undefined || one.owner === owner));
  const read = await Promise.all(found.map(async (record) => {
    try {
      const value = JSON.parse(new TextDecoder().decode(await opened(record, record.value)));
      return { id: record.id, owner: record.owner, value, bytes: () => opened(record, record.bytes) };
    } catch {
      return null; // sealed under a key that the browser has thrown away
    }
  }));
  return read.filter(Boolean);
}

export async function remove(id) {
  const db = await database;
  await (db ? db.delete("sealed", id) : memory.delete(id));
}

// For good: until the page is loaded anew nothing is kept for this owner again.
export async function wipe(owner) {
  wiped.add(owner);
  const db = await database;
  const records = db ? await db.getAll("sealed") : [...memory.values()];
  for (const one of records) if (one.owner === owner) await remove(one.id);
  if (records.some((one) => one.owner !== owner)) return;
  await db?.clear("keys");
  held = null;
}
