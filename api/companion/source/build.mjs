// Builds ../static (or the folder named) from src, the words in config/messages and the lock beside this file.

import { cp, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { injectManifest } from "workbox-build";
import { toml, warning } from "./plugins.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, "../static"));

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
