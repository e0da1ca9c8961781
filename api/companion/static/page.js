// Finding and making parts of the page.

import { spaced } from "./words.js";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export function element(tag, ...inside) {
  const made = document.createElement(tag);
  const kind = inside.length > 1 && typeof inside.at(-1) === "string" ? inside.pop() : "";
  made.append(...inside);
  made.className = kind;
  return made;
}

export function dial(link, number, text = spaced(number)) {
  link.href = `tel:${number.replace(/[^\d+*#]/g, "")}`;
  link.textContent = text;
}
