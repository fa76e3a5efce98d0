// Ask the server. Answers are kept by their version, so that asking again costs a few bytes.

import { effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { Pace } from "./pace.ts";
import type { Query } from "./router.ts";

/** What the server answers when it cannot do what was asked. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly mistake: Mistake | undefined;

  constructor(status: number, code: string, message: string, mistake?: Mistake) {
    super(message);
    this.status = status;
    this.code = code;
    this.mistake = mistake;
  }
}

/** Where a search expression is wrong, counted in characters from its start, and why. */
export interface Mistake {
  readonly position: number;
  readonly reason: string;
}

interface Kept {
  readonly tag: string;
  readonly body: unknown;
  readonly letters: number;
}

const kept = new Map<string, Kept>();
const MOST_KEPT = 60;
const MOST_LETTERS = 40_000_000;
let letters = 0;
const TOKEN = "mlff-token";

/** True while the server wants a token that was not given. */
export const tokenWanted = signal(false);

/** Keep the server's token for this tab. */
export function giveToken(token: string): void {
  sessionStorage.setItem(TOKEN, token);
  tokenWanted.value = false;
}

function headers(more: Record<string, string> = {}): Record<string, string> {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? more : { ...more, Authorization: `Bearer ${token}` };
}

/** The address of a route of the JSON API. */
export function route(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined) search.append(name, String(each));
    }
  }
  const text = search.toString();
  return `/api/mlff/1/${path}${text === "" ? "" : `?${text}`}`;
}

/** Ask for JSON at `url`. Throws `Refusal`. */
export async function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  const known = kept.get(url);
  const answer = await fetch(url, {
    headers: headers(known === undefined ? {} : { "If-None-Match": known.tag }),
    cache: "no-store", // the kept answers are ours
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status === 304 && known !== undefined) return known.body as T;
  const text = await answer.text();
  const body = parsed(answer, text);
  const tag = answer.headers.get("ETag");
  if (tag !== null) keep(url, { tag, body, letters: text.length });
  return body as T;
}

/** Send JSON to `url` and return the answer. Throws `Refusal`. */
export async function post<T>(url: string, body: unknown): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    headers: headers({ "Content-Type": "application/json" }),
    body: JSON.stringify(body),
  });
  return (await read(answer)) as T;
}

/** Fetch bytes, such as an artifact, with the token that links cannot carry. Throws `Refusal`. */
export async function bytes(url: string, signal?: AbortSignal): Promise<Blob> {
  const answer = await fetch(url, { headers: headers(), ...(signal === undefined ? {} : { signal }) });
  if (!answer.ok) await read(answer);
  return answer.blob();
}

async function read(answer: Response): Promise<unknown> {
  return parsed(answer, await answer.text());
}

function parsed(answer: Response, text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(answer.status, "NOT_JSON", `The server answered with ${answer.status} and no JSON.`);
  }
  if (answer.ok) return body;
  const said = body as { error_code?: string; message?: string; mistake?: Mistake };
  if (said.error_code === "UNAUTHENTICATED") tokenWanted.value = true;
  const message = said.message ?? `The server answered ${answer.status}.`;
  throw new Refusal(answer.status, said.error_code ?? "", message, said.mistake);
}

function keep(url: string, answer: Kept): void {
  forget(url);
  kept.set(url, answer);
  letters += answer.letters;
  for (const oldest of kept.keys()) {
    if (oldest === url || (kept.size <= MOST_KEPT && letters <= MOST_LETTERS)) return;
    forget(oldest);
  }
}

function forget(url: string): void {
  letters -= kept.get(url)?.letters ?? 0;
  kept.delete(url);
}

/** What is known of an answer: nothing yet, the latest `value`, or the `error`; `busy` while it is asked for. */
export interface Answer<T> {
  readonly value?: T;
  readonly error?: Error;
  readonly busy: boolean;
}

/** Counts up when something happened in the store; answers are asked for again then. */
export const news = signal(0);

/** Ask for `url()` whenever it changes and, at a pace, when there is news; null asks for nothing. A hook. */
export function useAnswer<T>(url: () => string | null): ReadonlySignal<Answer<T>> {
  const answer = useMemo(() => signal<Answer<T>>({ busy: false }), []);
  useEffect(() => {
    let control: AbortController | undefined;
    let asked: string | null = null;
    const pace = new Pace(() => ask(asked));
    const ask = (target: string | null): void => {
      control?.abort();
      if (target === null) {
        asked = null;
        pace.stop();
        answer.value = { busy: false };
        return;
      }
      control = new AbortController();
      const mine = control;
      // The rows of another question must not stand under this one.
      answer.value = target === asked ? { ...answer.peek(), busy: true } : { busy: true };
      asked = target;
      pace.began();
      const end = (now: Answer<T>): void => {
        if (mine.signal.aborted) return;
        answer.value = now;
        pace.ended();
      };
      get<T>(target, mine.signal).then(
        (value) => end({ value, busy: false }),
        (error: unknown) => end({ error: error as Error, busy: false }),
      );
    };
    const stop = effect(() => {
      const target = url();
      untracked(() => ask(target));
    });
    let heard = news.peek();
    const stopListening = effect(() => {
      if (news.value === heard) return;
      heard = news.value;
      untracked(() => pace.again());
    });
    return () => {
      stop();
      stopListening();
      pace.stop();
      control?.abort();
    };
  }, []);
  return answer;
}

/** Listen to the server's events and call `take` for each line of them, until `signal` ends it. */
export async function follow(url: string, take: (event: unknown) => void, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, { headers: headers({ Accept: "text/event-stream" }), signal });
  if (!answer.ok || answer.body === null) {
    await read(answer);
    return;
  }
  let rest = "";
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) take(JSON.parse(line.slice("data: ".length)));
  }
}
