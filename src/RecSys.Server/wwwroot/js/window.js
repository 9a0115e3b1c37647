// The shelves of the chosen user: requested, shown and updated.

import { CallError, api } from "./api.js";
import { showShelfFailure, showFailure, clearFailures } from "./away.js";
import { h, put } from "./dom.js";
import { KINDS, capital, did, many, ms, titleOf } from "./format.js";
import { STALE_MS, staleText } from "./foot.js";
import { button, notice } from "./notices.js";
import { Shelf } from "./shelves.js";
import { COUNT, emit, newVisitor, state, touch, whose } from "./state.js";
import { isLiked } from "./types.js";

const HISTORY = 50;
const ORDER = ["found", "forYou", "because", "similar", "again", "trending", "latest"];
const ASKED = ORDER.slice(2); // filled together with For you
const FIXED = ["forYou", "trending", "latest"]; // shelves that are always shown

export const shelves = {};
export const allShelves = () => ORDER.map((id) => shelves[id]);

let serial = 0;    // number of the shown user: answers for an earlier user are not shown
let asked = 0;     // number of the newest slate request: an older answer does not replace a newer one
let shown = 0;
let category = "";
let isChosen = false; // the category was chosen by hand, so it stays for the next person
let isBare = false; // the catalogue is empty
let plainTimer = null; // timer of the next request while answers are degraded

const PLAIN_MS = 3_000;
/** Tells whether the items are similar by the users' interactions or only by their content. */
const similarLine = (items) => (items.some(({ sources }) => sources?.some((source) => source !== "content"))
  ? "others who looked at this also looked at" : "like it in words and categories");
const LINES = {
  because: similarLine, similar: similarLine, again: () => "looked at and not taken", trending: () => "what people look at now", latest: () => "the newest in the shop",
};

export function startShelves(place, onAct) {
  for (const id of ORDER) {
    shelves[id] = new Shelf(id, onAct);
    shelves[id].isRecorded = ["forYou", "again"].includes(id); // the server can explain them as they were shown
    place.append(shelves[id].element);
  }
  shelves.forYou.name("For you");
  shelves.again.name("Look again");
  shelves.again.scenario = "lookAgain";
  shelves.trending.name("Trending");
  shelves.latest.name("New");
  showOnly(FIXED);
  wait("Asking the server what is on the shelf…");
}

const showOnly = (ids) => ORDER.forEach((id) => { shelves[id].element.hidden = !ids.includes(id); });
const wait = (text) => FIXED.forEach((id) => shelves[id].wait(text));

export function showNobody(text) {
  showOnly(["forYou"]);
  shelves.forYou.tell("The shelves are empty for now", text);
}

export async function openShelves() {
  serial += 1;
  const mine = serial;
  const [taste] = state.user.tastes;
  category = state.categories.find((one) => taste?.startsWith(one)) ?? (isChosen ? category : "");
  isBare = false;
  state.slate = null;
  state.position = undefined;
  state.opened = null;
  state.history = [];
  state.touched = new Map();
  showTrendingHead();
  showOnly(FIXED);
  wait(`Asking for ${whose()} shelf…`);
  await loadHistory(mine);
  if (mine === serial) {
    await slate().catch(ignore);
  }
}

export const refreshShelves = () => slate({ isMove: true }).catch(ignore);

/** The shelves to request: an item that several could show is on the first of them. */
function wanted() {
  const cause = causeOf();
  const { opened } = state;
  const kind = "similar";
  return [
    { name: "forYou" },
    cause && { name: "because", kind, itemId: cause.itemId },
    opened && { name: kind, kind, itemId: opened.itemId },
    { name: "again", scenario: "lookAgain" },
    { name: "trending", kind: "trending", category: category || undefined },
    { name: "latest", kind: "latest" },
  ].filter(Boolean).map((shelf) => ({ ...shelf, count: COUNT }));
}

/** The names of the shelves that follow an item. */
function namesNow() {
  const cause = causeOf();
  const title = cause && titleOf(cause);
  return {
    because: cause && (cause.type === "addToCart" ? `Because you put ${title} in the cart`
      : KINDS[cause.type]?.isOwn && !KINDS[cause.type].isWorded ? `Because of ${title}` : `Because you ${did(cause.type)} ${title}`),
    similar: state.opened && `Similar to ${titleOf(state.opened)}`,
  };
}

/** The user's newest positive interaction, with another item than the one opened last. */
const causeOf = () => state.history.find((entry) => isLiked(entry.type) && entry.itemId !== state.opened?.itemId);

/**
 * Requests a user's shelves in one call and shows them, unless another user is shown or newer shelves are shown already.
 * Returns `{ slate, change, curl, at }`; `change` is null if it was not shown. Failures are shown, then thrown.
 */
export async function slate({ user = state.user, after = state.position, isMove = false } = {}) {
  const mine = serial;
  const turn = ++asked;
  const isHere = () => mine === serial && user === state.user;
  const names = namesNow();
  let answer;
  let body;
  try {
    answer = await api.shelves({ userId: user.userId, after, shelves: isHere() ? wanted() : [{ name: "forYou", count: COUNT }] });
    body = answer.body.shelves[0].slate;
    if (body.servedBy === "nothing") {
      throw new CallError("busy", "Nothing could answer", body.degradedReasons?.join("; "), 503);
    }
  } catch (error) {
    if (isHere() && state.slate === null) {
      FIXED.forEach((id) => showShelfFailure(shelves[id], error, () => slate().catch(ignore)));
    } else if (isHere()) {
      showFailure(error);
    }
    throw error;
  }
  clearFailures();
  let change = null;
  if (isHere() && turn > shown) {
    shown = turn;
    change = await showSlate({ body, ms: answer.ms }, isMove);
    showLists(answer, names);
  }
  return { slate: body, change, curl: answer.curl, at: answer.acknowledgedAt };
}

async function showSlate(answer, isMove) {
  const { body } = answer;
  const shelf = shelves.forYou;
  state.slate = body;
  showSlateLine(answer);
  if (body.modelVersion !== state.status?.modelVersion) {
    emit("newModel");
  }
  if (body.items.length === 0) {
    const left = shelf.order.map((id) => shelf.cards.get(id).item);
    await tellEmpty();
    return { moved: 0, came: [], left };
  }
  return shelf.show(body.items, { recommendationId: body.recommendationId, isMove, hasConfidence: state.status?.confidenceFitted === true && body.interactionsHeld > 0 && body.coldUser !== true });
}

/** Shows the lists; a shelf whose name has not changed moves its cards to their places. */
function showLists({ body }, names) {
  const lists = new Map(body.shelves.map(({ name, slate: list }) => [name, list]));
  for (const id of ASKED) {
    const shelf = shelves[id];
    const { items, degradedReasons: why, recommendationId } = lists.get(id) ?? {};
    const lacks = why ? capital(why.join("; ")) : "";
    shelf.element.hidden = isBare || !items || (id === "again" && items.length === 0);
    if (shelf.element.hidden) {
      continue;
    }
    const isMove = !names[id] || shelf.title.textContent === names[id];
    if (!isMove) {
      shelf.name(names[id]);
    }
    if (items.length === 0) {
      shelf.tell("Nothing here yet", lacks || (id === "trending" ? `No one looked at ${category ? "this category" : "anything"} lately.` : "It fills as soon as there is something to show."));
    } else {
      shelf.show(items, { recommendationId, isMove });
      put(shelf.line, LINES[id](items), lacks && state.slate.modelVersion && ` · ${lacks}`);
    }
  }
}

function showSlateLine({ body, ms: took }) {
  const held = body.interactionsHeld ?? 0;
  const hasModel = body.modelVersion !== undefined;
  const isCold = held === 0 || (hasModel && body.coldUser === true);
  put(shelves.forYou.line, held > 0 ? `from ${many(held, "interaction")}` : "from nothing known about this person", ` · answered in ${ms(took)}`);
  notice("cold", isCold && body.items.length > 0 ? {
    key: `cold-${held > 0}`, title: held > 0 ? "Hardly known yet" : "A cold start",
    text: held > 0 ? "The model knows nothing this person touched; the shelf goes by the last clicks, by what trends and by what is new."
      : "This person is unknown: the shelf shows what is popular and what trends. Open two or three things you like and watch it turn.",
    todo: [],
  } : null);
  notice("untrained", hasModel ? null : {
    key: "untrained", title: "No model yet", todo: [],
    text: "Until the first one is trained the shelves go by the last clicks, by what trends and by what is new. They change by themselves when it is there.",
  });
  const reasons = (body.degradedReasons ?? []).filter((reason) => hasModel || !reason.includes("no model"));
  const isPlain = body.degraded && (hasModel || reasons.length > 0);
  clearTimeout(plainTimer);
  plainTimer = isPlain ? setTimeout(() => slate({ isMove: true }).catch(ignore), PLAIN_MS) : null;
  notice("degraded", isPlain ? {
    key: `degraded-${body.servedBy}-${reasons.join()}`, title: `A plainer answer: served by ${body.servedBy}`,
    text: `${reasons.length > 0 ? `${capital(reasons.join("; "))}. ` : ""}The shelves are shown nevertheless; the page asks again every ${PLAIN_MS / 1000} s until they are complete.`,
    todo: [askAgain()],
  } : null);
  showStale(body.freshnessMs >= STALE_MS || body.reflected === false, body.freshnessMs);
}

const askAgain = () => button("Ask again", () => slate({ isMove: true }).catch(ignore));

/** Shows or hides the notice that answers lag behind the log. */
export function showStale(isStale, freshnessMs) {
  notice("stale", isStale ? {
    key: `stale-${Math.round(freshnessMs / 1000)}`, title: "The answer lags behind the log",
    text: `${staleText(Math.max(freshnessMs, 1000))} Nothing is lost: it is in the log and will be applied.`,
    todo: [askAgain()],
  } : null);
}

async function tellEmpty() {
  const shelf = shelves.forYou;
  try {
    isBare = (await api.items({ count: 1 })).body.items.length === 0;
  } catch (error) {
    showShelfFailure(shelf, error, () => slate().catch(ignore));
    return;
  }
  if (isBare) {
    showOnly(["forYou"]);
    shelf.tell("The catalogue is empty", "No item is known, so there is nothing to recommend. Bring in your items and what people did with them; the shelves fill within seconds.",
      h("pre", { tabindex: "0", "aria-label": "Commands" }, "recsys import items items.csv --data shop\nrecsys import interactions clicks.csv --data shop"),
      button("Look again", () => emit("shopAs", state.user)));
  } else {
    shelf.tell("Nothing is left to show", `Every item that could be shown is bought, liked or hidden by ${state.user.name}.`, button("A new visitor", () => emit("shopAs", newVisitor())));
  }
}

async function loadHistory(mine) {
  try {
    const { body } = await api.history(state.user.userId, { count: HISTORY });
    if (mine === serial) {
      state.history = body.items;
      showHistory();
    }
  } catch {
    // The shelf that depends on the history is not shown; the others do not need it.
  }
}

export function showHistory() {
  state.touched = new Map();
  for (const entry of state.history) {
    touch(entry.itemId, entry.type);
  }
  for (const shelf of allShelves()) {
    shelf.showTouches();
  }
}

function showTrendingHead() {
  const shelf = shelves.trending;
  shelf.name(state.categories.length > 0 ? "Trending in" : "Trending");
  const select = h("select", { "aria-label": "Category", on: { change: (event) => { category = event.target.value; isChosen = true; refreshShelves(); } } },
    h("option", { value: "" }, "everything"), state.categories.map((one) => h("option", { value: one, selected: one === category }, one)));
  put(shelf.extra, state.categories.length > 0 && select);
}

/** For failures that are already shown. */
export function ignore() {}
