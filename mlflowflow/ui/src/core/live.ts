// One stream of events from the server, while the tab is seen: it says that something changed, and what.

import { signal } from "@preact/signals";

import { follow, news, route } from "./api.ts";

/** Something that happened in the store, as the server tells it. */
export interface Event {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** Whether the stream is open. */
export const isLive = signal(false);

const takers = new Set<(event: Event) => void>();
const PATIENCE_MS = [1_000, 2_000, 5_000, 15_000];

/** Call `take` for every event until the returned function is called. */
export function onEvent(take: (event: Event) => void): () => void {
  takers.add(take);
  return () => void takers.delete(take);
}

/** Keep the stream open while the page can be seen. */
export function watch(): void {
  let control: AbortController | undefined;
  let failures = 0;

  async function listen(): Promise<void> {
    while (!document.hidden) {
      control = new AbortController();
      try {
        await follow(route("events"), heard, control.signal);
      } catch {
        failures += 1;
      }
      isLive.value = false;
      if (document.hidden) return;
      await new Promise((wake) => setTimeout(wake, PATIENCE_MS[Math.min(failures, PATIENCE_MS.length - 1)]));
      news.value += 1; // what happened meanwhile was not heard
    }
  }

  function heard(event: unknown): void {
    failures = 0;
    isLive.value = true;
    const told = event as Event;
    if (told.kind === "changed") news.value += 1;
    takers.forEach((take) => take(told));
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) control?.abort();
    else void listen();
  });
  void listen();
}
