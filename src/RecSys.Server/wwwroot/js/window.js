// The shelves of the person who shops: asked for, shown, brought up to date.

import { api } from "./api.js";
import { shelfTrouble, trouble, well } from "./away.js";
import { h, put } from "./dom.js";
import { KINDS, capital, did, many, ms, titleOf } from "./format.js";
import { STALE_MS, staleText } from "./foot.js";
import { button, notice } from "./notices.js";
import { Shelf } from "./shelves.js";
import { COUNT, emit, newVisitor, state, touch, whose } from "./state.js";
import { isLiked } from "./types.js";

const HISTORY = 50;
const ORDER = ["found", "forYou", "because", "similar", "trending", "latest"];
const FIXED = ["forYou", "trending", "latest"]; // shelves that are always there

export const shelves = {};
export const allShelves = () => ORDER.map((id) => shelves[id]);

let serial = 0;    // of the person: what comes for someone who left is not shown
let asked = 0;     // of the slate: an older answer never takes a newer one's place
let shown = 0;
let category = "";
let isBare = false; // nothing is for sale

export function startShelves(place, onAct) {
  for (const id of ORDER) {
    shelves[id] = new Shelf(id, onAct);
    place.append(shelves[id].element);
  }
  shelves.forYou.name("For you");
  shelves.trending.name("Trending");
  shelves.latest.name("New");
  showOnly(FIXED);
  wait("Asking the server what is on the shelf…");
}

const showOnly = (ids) => ORDER.forEach((id) => { shelves[id].element.hidden = !ids.includes(id); });
const wait = (text) => FIXED.forEach((id) => shelves[id].wait(text));

/** The server did not say yet who shops. */
export function showNobody(text) {
  showOnly(["forYou"]);
  shelves.forYou.tell("The shelves are empty for now", text);
}

/** Someone else shops: empties the shelves and fills them anew. */
export async function openShelves() {
  serial += 1;
  const mine = serial;
  const [taste] = state.user.tastes;
  category = state.categories.find((one) => taste?.startsWith(one)) ?? category;
  isBare = false;
  state.slate = null;
  state.position = undefined;
  state.opened = null;
  state.history = [];
  state.touched = new Map();
  showTrendingHead();
  showOnly(FIXED);
  wait(`Asking for ${whose()} shelf…`);
  await Promise.all([slate().catch(told), loadHistory(mine), trending(), latest()]);
  if (mine === serial) {
    await because();
  }
}

export async function refreshShelves() {
  await Promise.all([slate({ isMove: true }).catch(told), trending(), latest(), because(), similar()]);
}

export const followAction = () => Promise.all([because(), similar(), trending()]);

/**
 * Asks for a person's slate and shows it, unless they left or a newer one is shown already.
 * Gives `{ slate, change, curl, at }`; `change` is null where it was not shown. Failures are told, then thrown.
 */
export async function slate({ user = state.user, after = state.position, isMove = false } = {}) {
  const mine = serial;
  const turn = ++asked;
  const isHere = () => mine === serial && user === state.user;
  let answer;
  try {
    answer = await api.recommendations(user.userId, { count: COUNT, after });
  } catch (error) {
    if (isHere() && state.slate === null) {
      shelfTrouble(shelves.forYou, error, () => slate().catch(told));
    } else if (isHere()) {
      trouble(error);
    }
    throw error;
  }
  well();
  const { body } = answer;
  let change = null;
  if (isHere() && turn > shown) {
    shown = turn;
    change = await showSlate(answer, isMove);
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
  return shelf.show(body.items, { recommendationId: body.recommendationId, isMove, hasConfidence: body.interactionsHeld > 0 && body.coldUser !== true });
}

function showSlateLine({ body, ms: took }) {
  const held = body.interactionsHeld ?? 0;
  const hasModel = body.modelVersion !== undefined;
  const isCold = held === 0 || (hasModel && body.coldUser === true);
  put(shelves.forYou.line, held > 0 ? `from ${many(held, "interaction")}` : "from nothing known about this person", ` · answered in ${ms(took)}`);
  notice("cold", isCold && body.items.length > 0 ? {
    key: `cold-${held > 0}`, title: held > 0 ? "Hardly known yet" : "A cold start",
    text: held > 0 ? "The model knows nothing this person touched; the shelf goes by the last clicks, by what trends and by what is new."
      : "This person is unknown: the shelf shows what is trending. Open two or three things you like and watch it turn.",
    todo: [],
  } : null);
  notice("untrained", hasModel ? null : {
    key: "untrained", title: "No model yet", todo: [],
    text: "Until the first one is trained the shelves go by the last clicks, by what trends and by what is new. They change by themselves when it is there.",
  });
  const reasons = (body.degradedReasons ?? []).filter((reason) => hasModel || !reason.includes("no model"));
  notice("degraded", body.degraded && (hasModel || reasons.length > 0) ? {
    key: `degraded-${body.servedBy}-${reasons.join()}`, title: `A plainer answer: served by ${body.servedBy}`,
    text: `${reasons.length > 0 ? `${capital(reasons.join("; "))}. ` : ""}The shelves are shown all the same; they become personal again by themselves.`,
    todo: [askAgain()],
  } : null);
  showStale(body.freshnessMs >= STALE_MS || body.reflected === false, body.freshnessMs);
}

const askAgain = () => button("Ask again", () => slate({ isMove: true }).catch(told));

/** Says that answers lag behind the log, or with false no longer. */
export function showStale(isStale, freshnessMs) {
  notice("stale", isStale ? {
    key: `stale-${Math.round(freshnessMs / 1000)}`, title: "The answer lags behind the log",
    text: `${staleText(Math.max(freshnessMs, 1000))} Nothing is lost: it is in the log and will be applied.`,
    todo: [askAgain()],
  } : null);
}

/** An empty slate: is there nothing to sell, or nothing left for this person? */
async function tellEmpty() {
  const shelf = shelves.forYou;
  try {
    isBare = (await api.items({ count: 1 })).body.items.length === 0;
  } catch (error) {
    shelfTrouble(shelf, error, () => slate().catch(told));
    return;
  }
  if (isBare) {
    showOnly(["forYou"]);
    shelf.tell("The catalogue is empty", "No item is known, so there is nothing to recommend. Bring in your items and what people did with them; the shelves fill within seconds.",
      h("pre", { tabindex: "0", "aria-label": "Commands" }, "recsys import items items.csv --data shop\nrecsys import interactions clicks.csv --data shop"),
      button("Look again", () => emit("shopAs", state.user)));
  } else {
    shelf.tell("Nothing is left to show", `All that could come is bought, liked or hidden by ${state.user.name}.`, button("A new visitor", () => emit("shopAs", newVisitor())));
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
    // The shelf that follows the history stays away; the others do not need it.
  }
}

/** Marks on the cards what the person did with them. */
export function showHistory() {
  state.touched = new Map();
  for (const entry of state.history) {
    touch(entry.itemId, entry.type);
  }
  for (const shelf of allShelves()) {
    shelf.showTouches();
  }
}

/** "Because you viewed …": follows the newest thing the person took to, other than the item opened last. */
async function because() {
  const shelf = shelves.because;
  const cause = state.history.find((entry) => isLiked(entry.type) && entry.itemId !== state.opened?.itemId);
  shelf.element.hidden = !cause || isBare;
  if (cause) {
    const title = titleOf(cause);
    const name = cause.type === "addToCart" ? `Because you put ${title} in the cart`
      : KINDS[cause.type]?.isOwn ? `Because of ${title}` : `Because you ${did(cause.type)} ${title}`;
    await fill(shelf, name, similarLine, () => api.similar(cause.itemId, { count: COUNT, userId: state.user.userId }));
  }
}

/** Whether people who looked at the one looked at the others, or the items only read alike. */
const similarLine = ({ items }) => (items.some(({ sources }) => sources?.some((source) => source !== "content"))
  ? "others who looked at this also looked at" : "like it in words and categories");

async function similar() {
  const { opened } = state;
  shelves.similar.element.hidden = !opened;
  if (opened) {
    await fill(shelves.similar, `Similar to ${titleOf(opened)}`, similarLine, () => api.similar(opened.itemId, { count: COUNT, userId: state.user.userId }));
  }
}

const trending = () => fill(shelves.trending, null, "what people look at now", () => api.trending({ count: COUNT, category }));
const latest = () => fill(shelves.latest, null, "the newest in the shop", () => api.latest({ count: COUNT }));

/** Fills a shelf with a list; under the name it had, its cards move to their places. */
async function fill(shelf, name, line, ask) {
  const mine = serial;
  const isSame = name === null || shelf.title.textContent === name;
  if (name !== null) {
    shelf.name(name);
  }
  shelf.asked = ask;
  try {
    const { body, ms: took } = await ask();
    if (mine !== serial || shelf.asked !== ask) {
      return; // someone else shops, or the shelf was asked for again
    }
    if (body.items.length === 0) {
      shelf.tell("Nothing here yet", shelf === shelves.trending ? "No one looked at this category lately." : "It fills as soon as there is something to show.");
    } else {
      shelf.show(body.items, { recommendationId: body.recommendationId, isMove: isSame });
      put(shelf.line, typeof line === "function" ? line(body) : line, ` · answered in ${ms(took)}`);
    }
  } catch (error) {
    if (mine === serial && shelf.order.length > 0) {
      trouble(error); // the last answer stays
    } else if (mine === serial) {
      shelfTrouble(shelf, error, () => fill(shelf, name, line, ask));
    }
  }
}

function showTrendingHead() {
  const shelf = shelves.trending;
  shelf.name(state.categories.length > 0 ? "Trending in" : "Trending");
  const select = h("select", { "aria-label": "Category", on: { change: (event) => { category = event.target.value; trending(); } } },
    h("option", { value: "" }, "everything"), state.categories.map((one) => h("option", { value: one, selected: one === category }, one)));
  put(shelf.extra, state.categories.length > 0 && select);
}

export function told() {}
