// Lets esbuild read the words in config/messages, and the sentence that is put together from them.

import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";

const here = path.dirname(fileURLToPath(import.meta.url));

export const toml = {
  name: "toml",
  setup(builder) {
    builder.onLoad({ filter: /\.toml$/ }, async ({ path: file }) => ({
      contents: JSON.stringify(parse(await readFile(file, "utf8"))), loader: "json",
    }));
  },
};

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

export const warning = {
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
