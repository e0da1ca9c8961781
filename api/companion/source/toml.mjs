// Lets esbuild read the words in config/messages.

import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";

export const toml = {
  name: "toml",
  setup(builder) {
    builder.onLoad({ filter: /\.toml$/ }, async ({ path: file }) => ({
      contents: JSON.stringify(parse(await readFile(file, "utf8"))), loader: "json",
    }));
  },
};
