// Search over the items of the catalogue: the results are on a separate shelf, above the others.

import { api } from "./api.js";
import { showShelfFailure } from "./away.js";
import { COUNT } from "./state.js";

const TYPING_MS = 200;

let timer;
let turn = 0;
let field;
let shelf;

export function startFind(input, found) {
  field = input;
  shelf = found;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, TYPING_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && input.value !== "") {
      clearFind();
      event.preventDefault();
    } else if (event.key === "ArrowDown" && shelf.enter(0)) {
      event.preventDefault();
    }
  });
}

export function clearFind() {
  clearTimeout(timer);
  turn += 1;
  field.value = "";
  shelf.element.hidden = true;
}

async function find() {
  const mine = ++turn;
  const q = field.value.trim();
  shelf.element.hidden = q === "";
  if (q === "") {
    return;
  }
  shelf.name(`Found for “${q}”`);
  try {
    const { body } = await api.items({ q, count: 2 * COUNT });
    if (mine !== turn) {
      return;
    }
    if (body.items.length === 0) {
      shelf.tell("Nothing found", `No id or title in the catalogue contains “${q}”.`);
    } else {
      shelf.show(body.items);
      shelf.name(`Found for “${q}”`, body.next ? "the first by their ids; type more to narrow it down" : "by id and title");
    }
  } catch (error) {
    if (mine === turn) {
      showShelfFailure(shelf, error, find);
    }
  }
}
