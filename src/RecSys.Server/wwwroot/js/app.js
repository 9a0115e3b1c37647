// The page: starts its parts, and determines what kind of server this is and which user is shown.

import { act, takeBack } from "./actions.js";
import { api } from "./api.js";
import { isAway, startAway, showFailure, clearFailures } from "./away.js";
import { $, h, icon, put, say } from "./dom.js";
import { age } from "./format.js";
import { clearFind, startFind } from "./find.js";
import { STALE_MS, showFoot } from "./foot.js";
import { openHelp, startKeyboard } from "./keyboard.js";
import { startNotices } from "./notices.js";
import { Panel } from "./panel.js";
import { Picker, chips, showShopper } from "./shoppers.js";
import { anyShopper, newVisitor, on, rememberUser, rememberedUser, state } from "./state.js";
import { showStrip, startStrip, toggleStrip } from "./strip.js";
import { nextTheme, startTheme } from "./theme.js";
import { learnTypes, openType } from "./types.js";
import { allShelves, openShelves, refreshShelves, shelves, showNobody, showStale, startShelves } from "./window.js";

const STATUS_MS = 5_000;
const AGE_MS = 15_000;
const SAMPLE = 100; // items that are read for the categories of a server that lists none

const panel = new Panel($("#pane"), { onAct: (type, item, value) => act(type, item, openedFrom?.recommendationId, value), onOpen: (item) => openItem(item), onClose: backToCard });
const picker = new Picker($("#picker"), $("#shopper"), { onPick: shopAs, onOpen: recentUsers });
let openedFrom = null; // the card that gets the focus when the panel closes

start();

function start() {
  put($("#visitor"), icon("newcomer"), h("span", { class: "wide-only" }, "New visitor"));
  put($("#surprise"), icon("dice"), h("span", { class: "wide-only" }, "Surprise me"));
  put($("#keys"), icon("keys"));
  $("#find").before(icon("search"));
  $("#visitor").setAttribute("aria-label", "New visitor: a cold start");
  $("#surprise").setAttribute("aria-label", "Surprise me: another shopper");
  startTheme($("#theme"));
  startNotices($("#notices"));
  startStrip($("#strip"));
  startAway(comeBack);
  startShelves($("#shelves"), onCard);
  startFind($("#find"), shelves.found);
  showFoot($("#foot"));
  $("#visitor").addEventListener("click", () => shopAs(newVisitor()));
  $("#surprise").addEventListener("click", surprise);
  $("#keys").addEventListener("click", () => openHelp($("#help")));
  startKeyboard(allShelves, {
    pick: () => picker.open(),
    find: () => $("#find").focus(),
    visitor: () => shopAs(newVisitor()),
    surprise,
    strip: () => { toggleStrip(true); $("#strip-list").focus(); },
    shelves: () => { panel.close(); allShelves().some((shelf) => shelf.enter()); },
    theme: () => nextTheme($("#theme")),
    help: () => openHelp($("#help")),
    escape: () => (picker.isOpen ? picker.close() : panel.isOpen ? panel.close() : toggleStrip(false)),
  });
  on("takeBack", takeBack);
  on("shopAs", shopAs);
  on("newModel", refreshStatus);
  on("acted", () => { panel.explain(); refreshStatus(); });
  setInterval(age, AGE_MS);
  setInterval(() => document.visibilityState === "visible" && !isAway() && refreshStatus(), STATUS_MS);
  open();
}

/** Determines what kind of server this is, then the user. */
async function open() {
  try {
    const [shop, types, status] = await Promise.all([api.shop(), api.types(), api.status()]);
    learnTypes(types.body.types);
    state.status = status.body;
    state.shop = shop.body.shoppers ? shop.body : null; // a server with real data has no shoppers
    state.categories = state.shop?.categories ?? await categoriesOfItems();
    state.shoppers = state.shop?.shoppers ?? [];
  } catch (error) {
    $("#lede").textContent = "No answer yet.";
    showFoot($("#foot"), error);
    showNobody(error.kind === "key" ? "The shelves are filled as soon as the server accepts the key." : "The shelves are filled as soon as the server answers.");
    showFailure(error);
    return;
  }
  clearFailures();
  $("#place").textContent = state.shop ? "the little shop" : location.host;
  document.title = `RecSys: ${$("#place").textContent}`;
  $("#surprise").hidden = !state.shop;
  await shopAs(rememberedUser() ?? state.shop?.shoppers[0] ?? newVisitor());
}

/** On real data, requests the users who were active last. Returns whether there is an answer. */
async function recentUsers() {
  if (state.shop) {
    return false;
  }
  try {
    const { body } = await api.users();
    state.shoppers = body.users.map((user) => ({ userId: user.userId, name: user.userId, tastes: [], lastAt: user.lastInteractionAt }));
    return true;
  } catch (error) {
    showFailure(error);
    return false;
  }
}

async function categoriesOfItems() {
  const { body } = await api.items({ count: SAMPLE });
  return [...new Set(body.items.flatMap((item) => item.categories ?? []))].sort((a, b) => a.localeCompare(b));
}

async function comeBack() {
  if (state.user === null) {
    await open();
  } else if (state.slate === null) {
    await shopAs(state.user);
  } else {
    await Promise.all([refreshShelves(), refreshStatus()]);
  }
}

function surprise() {
  const shopper = anyShopper();
  if (shopper) {
    shopAs(shopper);
  }
}

async function shopAs(user) {
  panel.close();
  const isFirst = state.user === null;
  state.user = { isVisitor: false, ...user };
  openedFrom = null;
  rememberUser(state.user);
  clearFind();
  showShopper($("#shopper"));
  showStrip();
  $("#heading").textContent = state.user.isVisitor ? "What a new visitor sees" : `What ${state.user.name} sees`;
  put($("#lede"), state.user.tastes.length > 0 && h("span", { class: "lede-tastes" }, "Likes", chips(state.user.tastes)),
    h("span", null, state.shop ? "Open, like, buy or hide anything: the shelves change immediately, and show why."
      : "What you do here is recorded as what they do in your shop; the shelves change immediately, and show why."));
  if (!isFirst) {
    say(state.user.isVisitor ? "A new visitor shops" : `${state.user.name} shops`);
  }
  await Promise.all([openShelves(), refreshStatus()]);
}

function onCard(type, item, shelf) {
  if (type === "view" || type === "rate") {
    openItem(item, shelf, type === "rate");
  } else {
    act(type, item, shelf.recommendationId);
  }
}

function openItem(item, shelf, isToRate = false) {
  if (shelf) {
    openedFrom = { shelf, itemId: item.itemId, recommendationId: shelf.recommendationId };
  }
  state.opened = item;
  panel.open(item, shelf?.isRecorded ? { recommendationId: shelf.recommendationId, scenario: shelf.scenario } : undefined, isToRate);
  if (openType()) {
    act(openType(), item, shelf?.recommendationId);
  } else {
    panel.explain();
  }
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

async function refreshStatus() {
  try {
    const { modelVersion, confidenceFitted } = state.status ?? {};
    state.status = (await api.status()).body;
    showFoot($("#foot"));
    showStale(state.status.freshnessMs >= STALE_MS, state.status.freshnessMs);
    if (modelVersion !== state.status.modelVersion) {
      showStrip();
    }
    const isOfOtherModel = modelVersion !== state.status.modelVersion && state.slate?.modelVersion !== state.status.modelVersion;
    if (state.slate && (isOfOtherModel || confidenceFitted !== state.status.confidenceFitted)) {
      await refreshShelves(); // a new model is served, or the first slate of it was shown before its curve was known to be fitted
    }
  } catch (error) {
    showFoot($("#foot"), error);
    if (error.kind === "gone" || error.kind === "busy") {
      showFailure(error);
    }
  }
}
