// Failures of the server (no answer, overload, a missing key, a refusal): shown once for the whole page, and retried until it answers.

import { api, apiKey } from "./api.js";
import { say } from "./dom.js";
import { capital } from "./format.js";
import { button, keyForm, notice } from "./notices.js";
import { state } from "./state.js";

const RETRY_MS = 3_000;
const REFUSED_MS = 10_000;

let timer = null; // timer of the next retry while the server does not answer
let onBack = () => {};

/** `back` updates the whole page when the server answers again. */
export function startAway(back) {
  onBack = back;
}

export const isAway = () => timer !== null;

export function showFailure(error) {
  if (error.kind === "key") {
    notice("key", {
      key: `key-${apiKey.get() !== ""}`, title: apiKey.get() ? "The server does not accept this key" : "This server asks for an API key",
      text: `${capital(error.detail)}. The page keeps the key in this tab alone.`,
      todo: [keyForm(() => { notice("key", null); onBack(); })],
    });
  } else if (error.kind === "refused") {
    notice("refused", {
      key: `refused-${error.detail}`, look: "harm", lastsMs: REFUSED_MS, title: `${error.title} (${error.status})`, text: detailOf(error),
      todo: [button("Close", () => notice("refused", null))],
    });
  } else {
    document.body.classList.add("is-away");
    notice("away", awayNotice(error));
    timer ??= setTimeout(retry, RETRY_MS);
  }
}

function awayNotice(error) {
  const isBusy = error.kind === "busy";
  const last = state.slate ? "What you see is the last answer; what was acknowledged is safe in the log. " : "";
  const cause = isBusy ? `${capital(error.detail)}. ` : "Is the program still running? ";
  return {
    key: `${error.kind}-${last === ""}`, look: "harm", title: isBusy ? `The server is not ready (${error.status})` : "The server does not answer",
    text: `${isBusy ? cause + last : last + cause}The page asks again every ${RETRY_MS / 1000} s.`,
    todo: [button("Ask now", retry)],
  };
}

async function retry() {
  clearTimeout(timer);
  timer = null;
  try {
    await api.status();
  } catch (error) {
    if (error.kind === "gone" || error.kind === "busy") {
      showFailure(error);
      return;
    }
  }
  clearFailures();
  await onBack();
  say("The server answers again");
}

export function clearFailures() {
  clearTimeout(timer);
  timer = null;
  document.body.classList.remove("is-away");
  notice("away", null);
  notice("key", null);
}

/** Shows a failure instead of a shelf's cards, and for the whole page if it concerns the whole page. */
export function showShelfFailure(shelf, error, again) {
  if (error.kind !== "refused") {
    showFailure(error);
  }
  shelf.tell(error.status ? `${error.title} (${error.status})` : error.title, detailOf(error), button("Ask again", () => {
    shelf.wait("Asking again…");
    again();
  }));
}

function detailOf(error) {
  const fields = Object.entries(error.errors ?? {}).filter(([, texts]) => !texts.every((text) => error.detail?.includes(text)));
  return [error.detail, ...fields.map(([field, texts]) => `${field}: ${texts.join(", ")}`)].filter(Boolean).join(" · ");
}
