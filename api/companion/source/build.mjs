// Builds ../static (or the folder named) from src, the words in config/messages and the lock beside this file.

import { cp, mkdir, readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { injectManifest } from "workbox-build";
import { toml } from "./toml.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, "../static"));

// The one sentence about emergencies that is shown before anybody has signed in, put together from the same
// lists as the API's: see SignWords in recovery/domain/content/sign_wording.py.
const config = path.resolve(here, "../../../config");
const read = async (file) => parse(await readFile(path.join(config, file), "utf8"));

async function anywhere(language) {
  const [{ anywhere: told }, words, { emergency }] = await Promise.all(
    ["signs.toml", `messages/${language}/signs.toml`, `messages/${language}/check-in.toml`].map(read));
  const parts = told.map((sign) => words.signs[sign].text), last = parts.pop();
  const nested = [...parts, last].some((part) => part.includes(` ${words.or} `) || part.includes(","));
  const signs = `${parts.join(nested ? words.between : ", ")}${nested ? words.between : " "}${words.or} ${last}`;
  return emergency.anywhere.replace("{signs}", signs.charAt(0).toUpperCase() + signs.slice(1));
}

const warning = {
  name: "warning",
  setup(builder) {
    builder.onResolve({ filter: /^warning$/ }, () => ({ path: "warning", namespace: "warning" }));
    builder.onLoad({ filter: /.*/, namespace: "warning" }, async () => {
      const languages = (await readdir(path.join(config, "messages"), { withFileTypes: true }))
        .filter((one) => one.isDirectory()).map((one) => one.name).sort();
      const told = await Promise.all(languages.map(async (one) => [one, await anywhere(one)]));
      return { contents: JSON.stringify(Object.fromEntries(told)), loader: "json" };
    });
  },
};

const shared = {
  absWorkingDir: here, bundle: true, minify: true, legalComments: "none", charset: "utf8", target: "es2022",
  logLevel: "warning",
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await cp(path.join(here, "public"), out, { recursive: true });
await build({
  ...shared, entryPoints: ["src/app.jsx"], outfile: path.join(out, "app.js"), format: "esm",
  jsx: "automatic", jsxImportSource: "preact", plugins: [toml, warning],
});
await build({ ...shared, entryPoints: ["src/style/app.css"], outfile: path.join(out, "app.css") });
await build({
  ...shared, entryPoints: ["src/service-worker.js"], outfile: path.join(out, "sw.js"), format: "iife",
  define: { "process.env.NODE_ENV": '"production"' },
});
const { warnings } = await injectManifest({
  swSrc: path.join(out, "sw.js"), swDest: path.join(out, "sw.js"), globDirectory: out,
  globPatterns: ["shell.html", "app.js", "app.css", "icon.svg"],
  modifyURLPrefix: { "": "/companion/static/" },
});
if (warnings.length) throw new Error(warnings.join("\n"));
