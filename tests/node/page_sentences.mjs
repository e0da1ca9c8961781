// Says what the patient's page tells in many states at once, by the page's own source: cases as JSON on
// standard input, their sentences in the same order on standard output.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../api/companion/source");
const { build } = await import(pathToFileURL(path.join(source, "node_modules/esbuild/lib/main.js")).href);
const { toml, warning } = await import(pathToFileURL(path.join(source, "plugins.mjs")).href);

const { outputFiles } = await build({
  stdin: {
    contents: ["told", "hours", "store"].map((name) => `export * as ${name} from "./src/${name}.js";`).join("\n"), resolveDir: source,
  },
  bundle: true, write: false, format: "esm", platform: "node", plugins: [toml, warning], logLevel: "warning",
});
globalThis.addEventListener = () => null; // what the page's store asks of a browser while it is read
// Making one takes longer than all that the page does with it.
const { DateTimeFormat } = Intl, made = new Map();
Intl.DateTimeFormat = function kept(...how) {
  const key = JSON.stringify(how);
  if (!made.has(key)) made.set(key, new DateTimeFormat(...how));
  return made.get(key);
};
Object.defineProperty(globalThis, "navigator", { value: { onLine: true } });
const page = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
const { told, hours, store } = page;

function say({ language, at, me, treatment, day, report, unconfirmed, points }) {
  Object.assign(store.state, { language, me, definition: { bands: [{ least: 0, most: 10, label: "Band" }], items: [] } });
  const moment = new Date(at).getTime();
  return {
    phase: told.phase(treatment, day, moment),
    follow_up: told.followUp(report, moment),
    overdue: told.isOverdue(treatment, moment),
    emergency_on_top: told.emergencyOpen([treatment]),
    avoid: told.avoided(treatment, moment).map((one) => ({ what: one.what, ...told.avoid(one, moment) })),
    called: hours.answering(me.clinic, moment).number,
    numbers: told.numbers(me.clinic, moment),
    hours: told.hours(me.clinic, moment),
    unconfirmed: told.unconfirmed(unconfirmed, moment),
    points: points.map(({ place, ...series }) => told.lastPoint(series, place, "Redness")),
  };
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(say)));
