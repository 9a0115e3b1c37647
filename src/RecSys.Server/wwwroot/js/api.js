// The calls of the API, each with its time and as a curl command. A failure has one of four kinds.

import { capital } from "./format.js";

const TIMEOUT_MS = 10_000;
const KEY = "recsys.apiKey";

/** A failed call, with its kind: `gone` (no answer), `busy` (503), `key` (401, 403) or `refused` (all other statuses). */
export class CallError extends Error {
  constructor(kind, title, detail, status, errors) {
    super(title);
    this.kind = kind;
    this.title = title;
    this.detail = detail;
    this.status = status;
    this.errors = errors;
  }
}

export const apiKey = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => sessionStorage.setItem(KEY, value),
};

const part = encodeURIComponent;

function target(path, query) {
  const values = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = values.map(([name, value]) => `${name}=${part(value)}`).join("&");
  return text ? `${path}?${text}` : path;
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curlOf(method, url, body) {
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}${quote(location.origin + url)}`];
  if (apiKey.get()) {
    lines.push(`-H "X-Api-Key: $RECSYS_API_KEY"`);
  }
  if (body !== undefined) {
    lines.push("-H 'Content-Type: application/json'", `-d ${quote(JSON.stringify(body))}`);
  }
  return lines.join(" \\\n  ");
}

/** Makes a call. Returns `{ body, ms, curl, acknowledgedAt }`; throws a CallError. */
export async function call(method, path, { query, body } = {}) {
  const url = target(path, query);
  const headers = { Accept: "application/json" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (apiKey.get()) {
    headers["X-Api-Key"] = apiKey.get();
  }
  const from = performance.now();
  let response;
  let answer;
  try {
    response = await fetch(url, {
      method, headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    answer = text ? parse(text) : undefined;
  } catch (error) {
    const isLate = error.name === "TimeoutError";
    throw new CallError(
      "gone", "The server does not answer", isLate ? `${method} ${path}: no answer within ${TIMEOUT_MS / 1000} s` : `${method} ${path}: the connection failed`);
  }
  const acknowledgedAt = performance.now();
  if (!response.ok) {
    throw refusal(response.status, answer, `${method} ${path}`);
  }
  return { body: answer ?? {}, ms: acknowledgedAt - from, acknowledgedAt, curl: curlOf(method, url, body) };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the answer of a proxy, not of the server
  }
}

function refusal(status, problem, what) {
  const kind = status === 401 || status === 403 ? "key" : status === 502 || status === 503 || status === 504 ? "busy" : "refused";
  const title = capital(problem?.title ?? `the server answered ${status}`);
  return new CallError(kind, title, problem?.detail ?? what, status, problem?.errors);
}

const user = (userId) => `/v1/users/${part(userId)}`;

export const api = {
  shop: () => call("GET", "/play/shop.json"),
  types: () => call("GET", "/v1/interaction-types"),
  users: (query) => call("GET", "/v1/users", { query }),
  status: () => call("GET", "/v1/status"),
  items: (query) => call("GET", "/v1/items", { query }),
  item: (itemId) => call("GET", `/v1/items/${part(itemId)}`),
  record: (interaction) => call("POST", "/v1/interactions", { body: interaction }),
  takeBack: (userId, id) => call("DELETE", `${user(userId)}/interactions/${part(id)}`),
  history: (userId, query) => call("GET", `${user(userId)}/interactions`, { query }),
  shelves: (body) => call("POST", "/v1/recommendations:batch", { body }),
  explanation: (userId, itemId, query) => call("GET", `${user(userId)}/recommendations/${part(itemId)}/explanation`, { query }),
  similar: (itemId, query) => call("GET", `/v1/items/${part(itemId)}/similar`, { query }),
};
