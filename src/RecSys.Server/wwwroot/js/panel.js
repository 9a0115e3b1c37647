// The panel of one item: its content, similar items, why it is shown, and why another item is not.

import { api } from "./api.js";
import { $, h, icon, put } from "./dom.js";
import { actionButtons, ratingControls, showRatings } from "./card.js";
import { ago, atClock, capital, did, many, nth, percent, priceOf, signed, stockOf, titleOf, words } from "./format.js";
import { picture } from "./pictures.js";
import { COUNT, state, whose } from "./state.js";

const SIMILAR = 6;
const FOUND = 6;
const TYPING_MS = 160;
const CAUSES = 6;
const VALUE_MIN = 0.0005; // a value shown as 0.000 is left out

export class Panel {
  /** `onAct(type, item, value)` is called for an action on the item; `onOpen(item)` when another item is opened from the panel. */
  constructor(element, { onAct, onOpen, onClose }) {
    this.element = element;
    this.onAct = onAct;
    this.onOpen = onOpen;
    this.onClose = onClose;
    this.item = null;
    element.addEventListener("click", (event) => {
      const act = event.target.closest("[data-do]");
      if (act) {
        this.onAct(act.dataset.do, this.item);
      }
    });
    element.addEventListener("keydown", (event) => this.onKey(event));
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** `shownIn` is the slate that the item was opened from, where the server records it: its id and scenario. With `isToRate` the focus goes to its ratings. */
  open(item, shownIn, isToRate = false) {
    this.item = item;
    this.shownIn = shownIn;
    this.turn = (this.turn ?? 0) + 1;
    const offer = [priceOf(item), stockOf(item)].filter(Boolean).join(" · ");
    const heading = h("h2", { tabindex: "-1" }, titleOf(item));
    this.text = h("p", { class: "pane-text" });
    this.why = h("section", { class: "pane-part", "aria-busy": "true" }, h("h3", null, "Why is this here?"), h("p", { class: "muted" }, "Asking for the parts of its score…"));
    this.similar = h("section", { class: "pane-part" }, h("h3", null, "Similar to it"), h("p", { class: "muted" }, "Asking for similar items…"));
    put(this.element,
      h("div", { class: "pane-bar" }, h("span", { class: "muted" }, item.categories?.[0] ?? "Item", " · ", h("code", null, item.itemId)),
        h("button", { class: "quiet square", "aria-label": "Close the item", title: "Close (Esc)", on: { click: () => this.close() } }, icon("close"))),
      h("div", { class: "pane-scroll" },
        h("div", { class: "pane-head" }, h("div", { class: "pane-picture" }, picture(item)),
          h("div", { class: "pane-what" }, heading, offer && h("p", { class: "pane-price" }, offer), this.text,
            h("div", { class: "pane-labels" }, Object.entries(item.labels ?? {}).slice(0, 8)
              .map(([name, value]) => h("span", { class: "chip" }, `${words(name)}: ${Array.isArray(value) ? value.join(", ") : value}`))),
            item.url && h("a", { class: "quiet small", href: item.url, target: "_blank", rel: "noopener noreferrer" }, "Its page in the shop"),
            h("div", { class: "acts wide" }, actionButtons(item, 0, true)), this.rates = h("div", { class: "rates" }, ratingControls(item, (type, value) => this.onAct(type, item, value))))),
        this.why, this.whyNot(), this.similar));
    this.element.hidden = false;
    this.element.setAttribute("aria-label", titleOf(item));
    document.body.classList.add("has-pane");
    for (const behind of [$("#top"), $("#column")]) {
      behind.inert = true;
    }
    showRatings(this.rates, item.itemId);
    (isToRate ? $("button, input", this.rates) ?? heading : heading).focus({ preventScroll: true });
    this.loadText(item);
    this.loadSimilar(item);
  }

  close() {
    if (this.element.hidden) {
      return;
    }
    this.element.hidden = true;
    this.turn += 1;
    document.body.classList.remove("has-pane");
    for (const behind of [$("#top"), $("#column")]) {
      behind.inert = false;
    }
    this.onClose(this.item);
  }

  onKey(event) {
    if (event.target.closest("input") || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const does = { l: "like", c: "addToCart", b: "purchase", h: "hide" }[event.key.toLowerCase()];
    if (does) {
      this.onAct(does, this.item);
      event.preventDefault();
    }
  }

  async loadText(item) {
    const { turn } = this;
    try {
      const { body } = await api.item(item.itemId);
      if (turn === this.turn) {
        this.text.textContent = body.text ?? "";
      }
    } catch {
      // The rest of the panel is shown without the text: the item need not be in the catalogue.
    }
  }

  async loadSimilar(item) {
    const { turn } = this;
    const head = h("h3", null, "Similar to it");
    try {
      const { body } = await api.similar(item.itemId, { count: SIMILAR, userId: state.user.userId });
      if (turn !== this.turn) {
        return;
      }
      put(this.similar, head, body.items.length === 0
        ? h("p", { class: "muted" }, "No similar item is known yet: nobody interacted with it and another item, and no other item shares its words.")
        : h("ul", { class: "tiles" }, body.items.map((one) => h("li", null, this.tile(one, one.explanation)))));
    } catch (error) {
      if (turn === this.turn) {
        put(this.similar, head, this.problem(error, () => this.loadSimilar(item)));
      }
    }
  }

  tile(item, text) {
    return h("button", { class: "tile", on: { click: () => this.onOpen(item) } },
      h("span", { class: "tile-picture" }, picture(item)), h("span", { class: "tile-title" }, titleOf(item)), text && h("span", { class: "tile-text" }, text));
  }

  problem(error, again) {
    return h("div", { class: "verdict harm" }, h("p", null, h("b", null, error.title), ` ${error.detail ?? ""}`),
      h("button", { class: "quiet small", on: { click: again } }, "Ask again"));
  }

  /** Requests the explanation; called again after each action, which may change it. */
  async explain() {
    const { item, turn } = this;
    if (!this.isOpen) {
      return;
    }
    showRatings(this.rates, item.itemId);
    try {
      const { body } = await this.askWhy(item);
      if (turn === this.turn) {
        const isShown = body.outcome === "shown";
        put(this.why, h("h3", null, isShown ? "Why is this here?" : "Why is it not in For you?"), explanation(body));
        this.why.removeAttribute("aria-busy");
      }
    } catch (error) {
      if (turn === this.turn) {
        put(this.why, h("h3", null, "Why is this here?"), this.problem(error, () => this.explain()));
      }
    }
  }

  /** Requests the explanation of the slate that was shown; of the current slate if that one was not recorded. */
  async askWhy(item) {
    const query = { count: COUNT, after: state.position };
    if (this.shownIn) {
      try {
        return await api.explanation(state.user.userId, item.itemId, { ...query, ...this.shownIn });
      } catch (error) {
        if (error.status !== 404) {
          throw error;
        }
      }
    }
    return api.explanation(state.user.userId, item.itemId, query);
  }

  whyNot() {
    const answer = h("div", { class: "why-not-answer", "aria-live": "polite" });
    const found = h("ul", { class: "found", "aria-label": "Items found" });
    let timer;
    let search = 0;
    const input = h("input", {
      type: "search", id: "why-not", autocomplete: "off", spellcheck: "false", placeholder: "Search an item by its words", "aria-label": "Why not another item? Search it",
      on: {
        input: () => {
          clearTimeout(timer);
          timer = setTimeout(find, TYPING_MS);
        },
        keydown: (event) => {
          if (event.key === "ArrowDown") {
            $("button", found)?.focus();
            event.preventDefault();
          } else if (event.key === "Enter") {
            $("button", found)?.click();
            event.preventDefault();
          }
        },
      },
    });
    const find = async () => {
      const turn = ++search;
      const q = input.value.trim();
      if (q === "") {
        put(found);
        return;
      }
      try {
        const { body } = await api.items({ q, count: FOUND });
        if (turn === search) {
          put(found, body.items.length === 0 ? h("li", { class: "muted" }, `Nothing in the catalogue contains “${q}”.`)
            : body.items.map((item) => h("li", null, h("button", { on: { click: () => ask(item), keydown: (event) => step(event) } },
              h("span", { class: "found-picture" }, picture(item)), h("span", null, titleOf(item)), h("span", { class: "muted" }, item.categories?.[0] ?? "")))));
        }
      } catch (error) {
        put(found, h("li", null, this.problem(error, find)));
      }
    };
    const step = (event) => {
      const rows = [...found.querySelectorAll("button")];
      const to = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (to) {
        (rows[rows.indexOf(event.currentTarget) + to] ?? (to < 0 ? input : event.currentTarget)).focus();
        event.preventDefault();
      }
    };
    const ask = async (item) => {
      search += 1;
      put(found);
      input.value = titleOf(item);
      put(answer, h("p", { class: "muted" }, "Requesting the explanation…"));
      try {
        const { body } = await api.explanation(state.user.userId, item.itemId, { count: COUNT, after: state.position });
        put(answer, explanation({ ...body, title: body.title ?? item.title }));
        input.focus();
      } catch (error) {
        put(answer, this.problem(error, () => ask(item)));
      }
    };
    return h("section", { class: "pane-part" }, h("h3", null, "Why not …?"),
      h("p", { class: "muted" }, "Search any other item to see the stage and the rule that removed it."),
      h("div", { class: "search" }, icon("search"), input), found, answer);
  }
}

const STAGE_MARKS = { passed: "✓", removed: "✕" };

function outcomeText(body) {
  const of = whose();
  switch (body.outcome) {
    case "shown": return body.position === undefined ? `It is in ${of} slate.` : `${capital(nth(body.position + 1))} in ${of} slate.`;
    case "filtered": return "A filter keeps it out.";
    case "outranked": return body.position === undefined ? "Others came before it." : `Others came before it: it would be ${nth(body.position + 1)}.`;
    case "notACandidate": return "No source returned it as a candidate.";
    case "unknownItem": return "This item is unknown.";
    default: return capital(words(body.outcome));
  }
}

function explanation(body) {
  return [
    h("p", { class: `outcome ${body.outcome}` }, h("b", null, outcomeText(body)), body.reason ? ` ${capital(body.reason)}.`.replace("..", ".") : ""),
    body.stages?.length > 0 && h("ol", { class: "stages", "aria-label": "Stages" }, body.stages.map((stage) =>
      h("li", { class: `stage ${stage.outcome}` }, h("span", { class: "stage-mark", "aria-hidden": "true" }, STAGE_MARKS[stage.outcome] ?? "·"),
        h("span", { class: "stage-name" }, capital(words(stage.stage))), h("span", { class: "hush" }, `: ${words(stage.outcome)}`),
        h("span", { class: "stage-text" }, stage.detail || (stage.outcome === "notReached" ? "not reached" : words(stage.outcome)))))),
    body.parts?.length > 0 && parts(body),
    typeof body.score === "number" && body.modelShare + body.recentShare > 0 && shares(body),
    body.because?.length > 0 && because(body),
    body.now && since(body),
  ];
}

function since(body) {
  return h("div", { class: "since" }, h("h4", null, "Since it was shown, ", ago(body.shownAt)), h("p", { class: "since-text" }, `${capital(body.since)}.`.replace("..", ".")),
    body.now.because?.length > 0 && because(body.now));
}

/** Bars that add up: each begins where the one before it ended. */
function parts(body) {
  const shown = body.parts.filter((part) => Math.abs(part.value) >= VALUE_MIN);
  let sum = 0;
  const steps = shown.map((part) => {
    const from = sum;
    sum += part.value;
    return { part, from: Math.min(from, sum), to: Math.max(from, sum) };
  });
  const low = Math.min(0, ...steps.map((step) => step.from));
  const high = Math.max(1e-9, ...steps.map((step) => step.to));
  const share = (value) => (value - low) / (high - low);
  const bar = (from, to, look) => {
    const element = h("span", { class: "sum-bar", "aria-hidden": "true" }, h("span", { class: `sum-fill ${look}` }));
    element.style.setProperty("--from", String(share(from)));
    element.style.setProperty("--size", String(share(to) - share(from)));
    return element;
  };
  const total = body.score ?? sum;
  return h("div", { class: "sum", role: "table", "aria-label": "Parts of the score" },
    steps.map(({ part, from, to }) => h("div", { class: "sum-row", role: "row", title: part.text },
      h("span", { class: "sum-name", role: "cell" }, capital(words(part.name)), part.text && h("span", { class: "sum-text" }, part.text)),
      h("span", { role: "cell" }, bar(from, to, part.value < 0 ? "minus" : "plus")),
      h("span", { class: "sum-value", role: "cell" }, signed(part.value)))),
    h("div", { class: "sum-row total", role: "row" }, h("span", { class: "sum-name", role: "cell" }, "Score"),
      h("span", { role: "cell" }, bar(Math.min(0, total), Math.max(0, total), "all")), h("span", { class: "sum-value", role: "cell" }, total.toFixed(3))));
}

function shares(body) {
  const all = body.modelShare + body.recentShare;
  const model = state.status?.modelAt ? `the model of ${atClock(state.status.modelAt)}` : "the model";
  const bar = h("span", { class: "split", "aria-hidden": "true" }, h("span", { class: "split-model" }), h("span", { class: "split-recent" }));
  bar.style.setProperty("--model", String(body.modelShare / all));
  return h("div", { class: "shares" }, bar,
    h("p", null, h("span", { class: "key-model" }, h("b", null, percent(body.modelShare / all)), ` from ${model}`),
      h("span", { class: "key-recent" }, h("b", null, percent(body.recentShare / all)), " from what happened since")));
}

function because(body) {
  const heavy = body.because.filter((cause) => Math.abs(cause.contribution) >= VALUE_MIN).slice(0, CAUSES);
  const rest = body.because.length - heavy.length;
  return heavy.length > 0 && h("div", { class: "because" }, h("h4", null, `Which of ${whose()} interactions contributed most`),
    h("ul", null, heavy.map((cause) => h("li", null,
      h("span", { class: "because-what" }, h("b", null, capital(did(cause.type))), ` ${titleOf(cause)}`),
      h("span", { class: "muted" }, ago(cause.timestamp), isNewer(cause) && h("span", { class: "newer" }, "newer than the model")),
      h("span", { class: "sum-value" }, signed(cause.contribution))))),
    rest > 0 && h("p", { class: "because-rest" }, `and ${many(rest, "other")} of less weight`));
}

const isNewer = (cause) => state.status?.modelAt !== undefined && Date.parse(cause.timestamp) > Date.parse(state.status.modelAt);
