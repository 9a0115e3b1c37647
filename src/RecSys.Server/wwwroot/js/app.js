// The shop: who is here, what they are shown, and what happens when they touch something.

import { api, apiKey } from "./api.js";
import { $, h, icon, put, say } from "./dom.js";
import { KINDS, age, capital, did, many, ms, nth, titleOf } from "./format.js";
import { STALE_MS, showFoot, staleText } from "./foot.js";
import { openHelp, startKeyboard } from "./keyboard.js";
import { button, keyForm, notice, startNotices } from "./notices.js";
import { Panel } from "./panel.js";
import { Shelf } from "./shelves.js";
import { Picker, chips, showShopper } from "./shoppers.js";
import { COUNT, anyShopper, freshId, newVisitor, on, rememberUser, rememberedUser, state, touch, whose } from "./state.js";
import { addAction, showStrip, startStrip, toggleStrip } from "./strip.js";
import { nextTheme, startTheme } from "./theme.js";

const STATUS_MS = 5_000;
const AGE_MS = 15_000;
const HISTORY = 50;
const REFLECT_MS = 3_000; // how long a click may take to be reflected before the page says that it is not
const REASONS_MAX = 3;
const SAMPLE = 100;
const STRONG = ["purchase", "addToCart", "like", "click", "view"]; // what a shelf may follow

const shelves = {};
const order = ["forYou", "because", "similar", "trending", "latest"];
let panel;
let picker;
let serial = 0; // of the person: answers for someone who left are dropped
let turn = 0;   // of the slate: an older answer never replaces a newer one
let shownTurn = 0;
let history = [];
let category = "";
let gone = null; // the timer of the next try while the server is away

start();

async function start() {
  put($("#visitor"), icon("newcomer"), h("span", { class: "wide-only" }, "New visitor"));
  put($("#surprise"), icon("dice"), h("span", { class: "wide-only" }, "Surprise me"));
  put($("#keys"), icon("keys"));
  $("#visitor").setAttribute("aria-label", "New visitor: a cold start");
  $("#surprise").setAttribute("aria-label", "Surprise me: another shopper");
  startTheme($("#theme"));
  startNotices($("#notices"));
  startStrip($("#strip"));
  showFoot($("#foot"));
  panel = new Panel($("#pane"), { onAct: (type, item) => act(type, item), onOpen: (item) => openItem(item), onClose: backToCard });
  picker = new Picker($("#picker"), $("#shopper"), shopAs);
  for (const id of order) {
    shelves[id] = new Shelf(id, onShelf);
    $("#shelves").append(shelves[id].element);
  }
  shelves.because.element.hidden = true;
  shelves.similar.element.hidden = true;
  shelves.forYou.name("For you");
  shelves.trending.name("Trending");
  shelves.latest.name("New");
  $("#visitor").addEventListener("click", () => shopAs(newVisitor()));
  $("#surprise").addEventListener("click", () => surprise());
  $("#keys").addEventListener("click", () => openHelp($("#help")));
  startKeyboard(() => order.map((id) => shelves[id]), {
    pick: () => picker.open(),
    visitor: () => shopAs(newVisitor()),
    surprise,
    strip: () => { toggleStrip(true); $("#strip-list").focus(); },
    shelves: () => { panel.close(); order.some((id) => shelves[id].enter()); },
    theme: () => nextTheme($("#theme")),
    help: () => openHelp($("#help")),
    escape: () => (picker.isOpen ? picker.close() : panel.isOpen ? panel.close() : toggleStrip(false)),
  });
  on("takeBack", takeBack);
  setInterval(age, AGE_MS);
  setInterval(() => document.visibilityState === "visible" && gone === null && refreshStatus(), STATUS_MS);
  for (const id of ["forYou", "trending", "latest"]) {
    shelves[id].wait("Asking the server what is on the shelf…");
  }
  await opening();
}

/** Finds out what kind of server this is, then who shops. Tried again as a whole where the server is away. */
async function opening() {
  try {
    const shop = await playShop();
    state.shop = shop;
    state.categories = shop?.categories ?? await categoriesOfItems();
  } catch (error) {
    $("#lede").textContent = "Nobody answered yet.";
    shelves.trending.element.hidden = true;
    shelves.latest.element.hidden = true;
    shelves.forYou.tell("The shelves are empty for now", error.kind === "key" ? "They fill as soon as the key is taken." : "They fill by themselves as soon as the server answers.");
    trouble(error, opening);
    return;
  }
  well();
  $("#place").textContent = state.shop ? "the little shop" : location.host;
  $("#surprise").hidden = !state.shop;
  shopAs(rememberedUser() ?? state.shop?.shoppers[0] ?? newVisitor(), false);
}

async function playShop() {
  try {
    return (await api.shop()).body;
  } catch (error) {
    if (error.kind === "refused") {
      return null; // a real server has no such page
    }
    throw error;
  }
}

async function categoriesOfItems() {
  const { body } = await api.items({ count: SAMPLE });
  return [...new Set(body.items.flatMap((item) => item.categories ?? []))].sort((a, b) => a.localeCompare(b));
}

function surprise() {
  const shopper = anyShopper();
  if (shopper) {
    shopAs(shopper);
  }
}

/** Someone else is shopping. */
async function shopAs(user, isTold = true) {
  panel.close();
  serial += 1;
  const mine = serial;
  state.user = { isVisitor: false, ...user };
  state.slate = null;
  state.opened = null;
  state.touched = new Map();
  history = [];
  rememberUser(state.user);
  showShopper($("#shopper"));
  $("#heading").textContent = user.isVisitor ? "What a new visitor sees" : `What ${user.name} sees`;
  put($("#lede"), user.tastes.length > 0 && h("span", { class: "lede-tastes" }, "Likes", chips(user.tastes)),
    h("span", null, "Open, like, buy or hide anything: the shelves answer at once, and say why."));
  if (isTold) {
    say(user.isVisitor ? "A new visitor shops" : `${user.name} shops`);
  }
  const [taste] = user.tastes;
  category = state.categories.find((one) => taste?.startsWith(one)) ?? category;
  showTrendingHead();
  for (const id of ["forYou", "trending", "latest"]) {
    shelves[id].element.hidden = false;
    shelves[id].wait(`Asking for ${whose()} shelf…`);
  }
  shelves.because.element.hidden = true;
  shelves.similar.element.hidden = true;
  refreshStatus();
  await Promise.all([slate({ mine }).catch(quiet), loadHistory(mine), trending(mine), latest(mine)]);
  if (mine === serial) {
    await because(mine);
  }
}

/** Asks for the slate and shows it. Gives `{ slate, change, ms, curl, at }`, or null where it came too late to matter. */
async function slate({ mine = serial, after, isMove = false } = {}) {
  const mineTurn = ++turn;
  let answer;
  try {
    answer = await api.recommendations(state.user.userId, { count: COUNT, after });
  } catch (error) {
    if (mine === serial && state.slate === null) {
      shelfTrouble(shelves.forYou, error, () => slate({ mine }).catch(quiet));
    } else if (mine === serial) {
      trouble(error, () => slate({ mine }).catch(quiet));
    }
    throw error;
  }
  if (mine !== serial || mineTurn < shownTurn) {
    return null;
  }
  shownTurn = mineTurn;
  well();
  const { body } = answer;
  state.slate = body;
  const shelf = shelves.forYou;
  const change = body.items.length > 0 ? shelf.show(body.items, { recommendationId: body.recommendationId, isMove }) : { moved: 0, came: [], left: [] };
  showSlateLine(answer);
  if (body.items.length === 0) {
    await emptySlate(body);
  }
  if (body.modelVersion !== state.status?.modelVersion) {
    refreshStatus();
  }
  return { slate: body, change, ms: answer.ms, curl: answer.curl, at: answer.acknowledgedAt };
}

function showSlateLine({ body, ms: took }) {
  const isCold = body.coldUser === true || body.interactionsHeld === 0;
  const held = body.interactionsHeld ?? 0;
  put(shelves.forYou.line, held > 0 ? `from ${many(held, "interaction")}` : "from nothing known about this person", ` · answered in ${ms(took)}`,
    body.experiment && ` · experiment ${body.experiment.name}, ${body.experiment.arm}`);
  notice("cold", isCold && body.items.length > 0 ? {
    key: `cold-${state.user.userId}-${held > 0}`, title: held > 0 ? "Hardly known yet" : "A cold start",
    text: held > 0 ? "The model holds no item this person touched; what follows them comes from the last clicks, what trends and what is new."
      : "Nobody knows this person: the shelf shows what people take now. Open two or three things you like and watch it turn.",
    todo: [],
  } : null);
  notice("degraded", body.degraded || body.servedBy === "nothing" ? {
    key: `degraded-${body.servedBy}-${body.degradedReasons?.join()}`, title: `A plainer answer: served by ${body.servedBy}`,
    text: `${body.degradedReasons?.length ? `${capital(body.degradedReasons.join("; "))}. ` : ""}The shelves are shown all the same; they become personal again by themselves.`,
    todo: [button("Ask again", () => slate({ isMove: true }).catch(quiet))],
  } : null);
  showStale(body.freshnessMs >= STALE_MS || body.reflected === false, body.freshnessMs);
}

function showStale(isStale, freshnessMs) {
  notice("stale", isStale ? {
    key: `stale-${Math.round(freshnessMs / 1000)}`, title: "The answer lags behind the log",
    text: `${staleText(Math.max(freshnessMs, 1000))} Nothing is lost: it is in the log and will be taken in.`,
    todo: [button("Ask again", () => slate({ isMove: true }).catch(quiet))],
  } : null);
}

/** An empty slate: is there nothing to sell, or nothing left for this person? */
async function emptySlate(body) {
  const shelf = shelves.forYou;
  let isEmpty = false;
  try {
    isEmpty = (await api.items({ count: 1 })).body.items.length === 0;
  } catch (error) {
    shelfTrouble(shelf, error, () => slate().catch(quiet));
    return;
  }
  if (isEmpty) {
    for (const id of ["because", "similar", "trending", "latest"]) {
      shelves[id].element.hidden = true;
    }
    shelf.tell("The catalogue is empty", "No item is known, so there is nothing to recommend. Bring in your items and what people did with them; the shelves fill within seconds.",
      h("pre", { tabindex: "0" }, "recsys import items items.csv --data shop\nrecsys import interactions clicks.csv --data shop"), button("Look again", () => shopAs(state.user)));
  } else if (body.servedBy === "nothing") {
    shelf.tell("Nothing could answer in time", "The server stands, but none of its sources did. It recovers by itself.", button("Ask again", () => slate().catch(quiet)));
  } else {
    shelf.tell("Nothing is left to show", `All that could come is bought, liked or hidden by ${state.user.name}.`, button("A new visitor", () => shopAs(newVisitor())));
  }
}

async function loadHistory(mine) {
  try {
    const { body } = await api.history(state.user.userId, { count: HISTORY });
    if (mine === serial) {
      history = body.items;
      for (const entry of history) {
        touch(entry.itemId, entry.type);
      }
      showTouches();
    }
  } catch {
    history = []; // the shelf that follows the history stays away; the others do not need it
  }
}

const showTouches = () => order.forEach((id) => shelves[id].showTouches());

/** "Because you viewed …": follows the newest thing the person took to, other than the item opened last. */
async function because(mine) {
  const shelf = shelves.because;
  const cause = history.find((entry) => STRONG.includes(entry.type) && entry.itemId !== state.opened?.itemId);
  shelf.element.hidden = !cause || shelves.latest.element.hidden;
  if (cause) {
    await list(shelf, mine, cause.type === "addToCart" ? `Because you put ${titleOf(cause)} in the cart` : `Because you ${did(cause.type)} ${titleOf(cause)}`, () => api.similar(cause.itemId, { count: COUNT, userId: state.user.userId }));
  }
}

async function similar(mine) {
  const { opened } = state;
  shelves.similar.element.hidden = !opened;
  if (opened) {
    await list(shelves.similar, mine, `Similar to ${titleOf(opened)}`, () => api.similar(opened.itemId, { count: COUNT, userId: state.user.userId }));
  }
}

const trending = (mine) => list(shelves.trending, mine, null, () => api.trending({ count: COUNT, category }));
const latest = (mine) => list(shelves.latest, mine, null, () => api.latest({ count: COUNT }));

async function list(shelf, mine, name, ask) {
  const isSame = name === null || shelf.title.textContent === name;
  if (name !== null) {
    shelf.name(name);
  }
  try {
    const { body, ms: took } = await ask();
    if (mine !== serial) {
      return;
    }
    if (body.items.length === 0) {
      shelf.tell("Nothing here yet", shelf.id === "trending" ? "Nobody touched anything of this category lately." : "It fills as soon as there is something to show.");
    } else {
      shelf.show(body.items, { recommendationId: body.recommendationId, isMove: isSame });
      put(shelf.line, shelf.id === "latest" ? "what came into the catalogue last" : shelf.id === "trending" ? "what people touch now" : "by shared visitors and like content", ` · answered in ${ms(took)}`);
    }
  } catch (error) {
    if (mine === serial) {
      shelfTrouble(shelf, error, () => list(shelf, serial, name, ask));
    }
  }
}

function showTrendingHead() {
  const shelf = shelves.trending;
  shelf.name(state.categories.length > 0 ? "Trending in" : "Trending");
  const select = h("select", { "aria-label": "Category", on: { change: (event) => { category = event.target.value; trending(serial); } } },
    h("option", { value: "" }, "everything"), state.categories.map((one) => h("option", { value: one, selected: one === category }, one)));
  put(shelf.extra, state.categories.length > 0 && select);
}

function onShelf(type, item, shelf) {
  if (type === "view") {
    openItem(item, shelf);
  } else {
    act(type, item, shelf);
  }
}

let openedFrom = null; // where the focus goes back to

function openItem(item, shelf) {
  if (shelf) {
    openedFrom = { shelf, itemId: item.itemId };
  }
  panel.open(item);
  state.opened = item;
  act("view", item, shelf);
}

function backToCard() {
  const { shelf, itemId } = openedFrom ?? {};
  if (shelf) {
    const place = shelf.order.indexOf(itemId);
    if (!shelf.enter(place < 0 ? shelf.active : place)) {
      shelves.forYou.enter();
    }
  }
}

/** Does something to an item: records it, then asks for the slate that reflects it. */
async function act(type, item, shelf) {
  const action = {
    id: freshId("act-"), type, item, at: new Date().toISOString(), state: "sent", curls: [], user: state.user,
    recommendationId: shelf?.recommendationId,
  };
  addAction(action);
  await send(action);
}

async function send(action) {
  const { type, item } = action;
  const mine = serial;
  Object.assign(action, { state: "sent", error: undefined, again: undefined });
  showStrip(action);
  try {
    const posted = await api.record({ userId: action.user.userId, itemId: item.itemId, type, recommendationId: action.recommendationId, id: action.id });
    Object.assign(action, { state: "logged", position: posted.body.position, postMs: posted.ms, acknowledgedAt: posted.acknowledgedAt, curls: [posted.curl], canTakeBack: true });
  } catch (error) {
    Object.assign(action, { state: "failed", error, again: () => send(action) });
    showStrip(action);
    say(`${KINDS[type].does}: ${error.title}`);
    trouble(error, () => send(action));
    await panel.explain();
    return;
  }
  showStrip(action);
  if (mine !== serial) {
    return;
  }
  history = [{ itemId: item.itemId, type, title: item.title, timestamp: action.at, id: action.id }, ...history];
  touch(item.itemId, type);
  showTouches();
  await reflect(action, mine);
}

/** Asks until the slate holds the action, and measures how long that took from its acknowledgement. */
async function reflect(action, mine) {
  try {
    for (;;) {
      const answer = await slate({ mine, after: action.position, isMove: true });
      if (answer === null) {
        action.state = "logged";
        finishQuietly(action);
        return;
      }
      action.slate = answer.slate;
      action.curls = [action.curls[0], answer.curl];
      action.change = add(action.change, answer.change);
      if (answer.slate.reflected !== false) {
        action.state = "reflected";
        action.reflectedMs = answer.at - action.acknowledgedAt;
        break;
      }
      if (answer.at - action.acknowledgedAt > REFLECT_MS) {
        action.state = "stale";
        break;
      }
    }
  } catch (error) {
    Object.assign(action, { state: "failed", error, again: () => retryReflect(action) });
    showStrip(action);
    return;
  }
  showStrip(action);
  sayOutcome(action);
  await Promise.all([tellLeft(action, mine), because(mine), similar(mine), trending(mine), panel.explain()]);
  refreshStatus();
}

/** A newer answer overtook this one's: that one holds this action too. */
function finishQuietly(action) {
  const isOurs = action.user.userId === state.user.userId && state.slate !== null;
  action.state = isOurs ? "reflected" : "logged";
  action.slate = isOurs ? state.slate : undefined;
  action.reflectedMs = performance.now() - action.acknowledgedAt;
  showStrip(action);
}

async function retryReflect(action) {
  Object.assign(action, { state: "logged", error: undefined, again: undefined });
  showStrip(action);
  await reflect(action, serial);
}

function add(before, { moved, came, left }) {
  return { moved: (before?.moved ?? 0) + moved, came: (before?.came ?? 0) + came.length, left: (before?.left ?? 0) + left.length, items: [...(before?.items ?? []), ...left] };
}

function sayOutcome(action) {
  const { change, type, item } = action;
  const changes = `${change.moved} moved, ${change.came} came, ${change.left} left`;
  say(`${titleOf(item)}: ${did(type)}. ${action.state === "reflected" ? `Reflected after ${ms(action.reflectedMs)}` : "Not reflected yet"}. For you: ${changes}.`);
}

/** What left For you, and why: by rule where the person did it, else as the server explains it. */
async function tellLeft(action, mine) {
  const left = action.change.items;
  if (left.length === 0) {
    return;
  }
  const reasons = await Promise.all(left.slice(0, REASONS_MAX).map(async (item) => {
    if (item.itemId === action.item.itemId && KINDS[action.type].gone) {
      return { item, why: KINDS[action.type].gone };
    }
    try {
      const { body } = await api.explanation(state.user.userId, item.itemId);
      return { item, why: body.outcome === "outranked" && body.position !== undefined ? `outranked: now ${nth(body.position + 1)}` : body.reason ?? "others came before it" };
    } catch {
      return { item, why: "others came before it" };
    }
  }));
  if (mine === serial && action === state.actions[0]) {
    shelves.forYou.tellLeft(reasons);
  }
}

/** Takes an action back: the log gets a retraction, and the shelves answer to that too. */
async function takeBack(action) {
  const mine = serial;
  try {
    const taken = await api.takeBack(action.user.userId, action.id);
    action.canTakeBack = false;
    Object.assign(action, { state: "takenBack", curls: [...action.curls.slice(0, 1), taken.curl] });
    history = history.filter((entry) => entry.id !== action.id);
    state.touched.delete(action.item.itemId);
    history.filter((entry) => entry.itemId === action.item.itemId).forEach((entry) => touch(entry.itemId, entry.type));
    showTouches();
    if (mine === serial && action.user.userId === state.user.userId) {
      const answer = await slate({ mine, after: taken.body.position, isMove: true });
      if (answer) {
        action.slate = answer.slate;
        action.change = add(undefined, answer.change);
      }
      await Promise.all([because(mine), similar(mine)]);
    }
    say(`Taken back: ${titleOf(action.item)}`);
  } catch (error) {
    trouble(error, () => takeBack(action));
  }
  showStrip(action);
}

async function refreshStatus() {
  try {
    const { modelVersion } = state.status ?? {};
    state.status = (await api.status()).body;
    showFoot($("#foot"));
    showStale(state.status.freshnessMs >= STALE_MS, state.status.freshnessMs);
    if (modelVersion !== state.status.modelVersion) {
      showStrip();
    }
  } catch (error) {
    showFoot($("#foot"), error);
    if (error.kind === "gone" || error.kind === "busy") {
      trouble(error, refreshStatus);
    }
  }
}

const RETRY_MS = 3_000;

/** Something that concerns the whole page. Away or busy: tried again by itself, until it answers. */
function trouble(error, again) {
  if (error.kind === "key") {
    notice("key", {
      key: "key", look: "", title: apiKey.get() ? "The server does not take this key" : "This server asks for an API key",
      text: `${capital(error.detail)}. The page keeps the key in this tab alone.`,
      todo: [keyForm(() => { notice("key", null); opening(); })],
    });
    return;
  }
  if (error.kind === "refused") {
    notice("refused", {
      key: `refused-${error.detail}`, look: "harm", title: `${error.title} (${error.status})`,
      text: detailOf(error),
      todo: [button("Close", () => notice("refused", null))],
    });
    return;
  }
  document.body.classList.add("is-away");
  const isBusy = error.kind === "busy";
  notice("away", {
    key: isBusy ? "busy" : "gone", look: "harm",
    title: isBusy ? `The server is not ready (${error.status})` : "The server does not answer",
    text: isBusy ? `${capital(error.detail)}. ${state.slate ? "What you see is the last answer. " : ""}The page asks again every ${RETRY_MS / 1000} s.`
      : `${state.slate ? "What you see is the last answer; what was acknowledged is safe in the log. " : ""}Is the program still running? The page asks again every ${RETRY_MS / 1000} s.`,
    todo: [button("Ask now", () => retry(again))],
  });
  if (gone === null) {
    gone = setTimeout(() => retry(again), RETRY_MS);
  }
}

async function retry(again) {
  clearTimeout(gone);
  gone = null;
  try {
    await api.status();
  } catch (error) {
    if (error.kind === "gone" || error.kind === "busy") {
      trouble(error, again);
      return;
    }
  }
  well();
  if (state.user === null) {
    await opening();
  } else if (state.slate === null) {
    await shopAs(state.user, false);
  } else {
    await refreshAll();
  }
  say("The server answers again");
}

/** The server is there. */
function well() {
  if (gone !== null) {
    clearTimeout(gone);
    gone = null;
  }
  document.body.classList.remove("is-away");
  notice("away", null);
  notice("key", null);
}

async function refreshAll() {
  const mine = serial;
  refreshStatus();
  await Promise.all([slate({ mine, isMove: true }).catch(quiet), trending(mine), latest(mine), because(mine), similar(mine)]);
}

function shelfTrouble(shelf, error, again) {
  if (error.kind !== "refused") {
    trouble(error, again);
  }
  shelf.tell(error.status ? `${error.title} (${error.status})` : error.title, detailOf(error),
    button("Ask again", () => { shelf.wait("Asking again…"); again(); }));
}

/** What went wrong and in which fields, each thing said once. */
function detailOf(error) {
  const fields = Object.entries(error.errors ?? {}).filter(([, texts]) => !texts.every((text) => error.detail?.includes(text)));
  return [error.detail, ...fields.map(([field, texts]) => `${field}: ${texts.join(", ")}`)].filter(Boolean).join(" · ");
}

function quiet() {
  // Told already, where it was met.
}
