// The theme: light, dark, or that of the system.

import { icon, put, say } from "./dom.js";

const KEY = "recsys.theme";
const ORDER = ["auto", "light", "dark"];
const NAMES = { auto: "as the system", light: "light", dark: "dark" };

const stored = () => document.documentElement.dataset.theme ?? "auto";

export function startTheme(button) {
  show(button, stored());
  button.addEventListener("click", () => nextTheme(button));
}

export function nextTheme(button) {
  const theme = ORDER[(ORDER.indexOf(stored()) + 1) % ORDER.length];
  if (theme === "auto") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is not allowed: the choice is kept until the page is left.
  }
  show(button, theme);
  say(`Theme: ${NAMES[theme]}`);
}

function show(button, theme) {
  put(button, icon(theme));
  button.setAttribute("aria-label", `Theme: ${NAMES[theme]}. Change`);
  button.title = `Theme: ${NAMES[theme]} (T)`;
}
