// The runs that are picked, each with a colour of its own that it keeps as long as it is picked.

import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";

import { listChoice } from "../core/router.ts";

const picks = listChoice("pick");
/** More would make an address that some programs cut off; they are picked in this tab alone. */
const MOST_IN_ADDRESS = 40;

export class Ticked {
  readonly #ids = signal<ReadonlySet<string>>(new Set(picks.value));
  readonly #places = new Map<string, number>();
  readonly ids: ReadonlySignal<readonly string[]> = computed(() => [...this.#ids.value]);

  constructor() {
    this.#give();
  }

  get count(): number {
    return this.#ids.value.size;
  }

  has(id: string): boolean {
    return this.#ids.value.has(id);
  }

  /** The number of a run's colour, from 0; −1 if it is not picked. */
  colour(id: string): number {
    return this.#ids.value.has(id) ? (this.#places.get(id) ?? -1) : -1;
  }

  toggle(id: string): void {
    this.set([id], !this.has(id));
  }

  /** Pick runs, or no longer. */
  set(ids: Iterable<string>, picked: boolean): void {
    const now = new Set(this.#ids.value);
    for (const id of ids) {
      if (picked) now.add(id);
      else now.delete(id);
    }
    this.#ids.value = now;
    this.#give();
  }

  clear(): void {
    this.#ids.value = new Set();
    this.#places.clear();
  }

  /** Keep the address up to date until the returned function is called. */
  watch(): () => void {
    let written = picks.value.join();
    const stopWriting = effect(() => {
      const ids = this.ids.value.length > MOST_IN_ADDRESS ? [] : this.ids.value;
      if (ids.join() === written) return;
      written = ids.join();
      picks.set(ids);
    });
    const stopReading = effect(() => {
      if (picks.value.join() === written) return;
      written = picks.value.join();
      this.#ids.value = new Set(picks.value);
      this.#give();
    });
    return () => {
      stopWriting();
      stopReading();
    };
  }

  /** Give each run the first colour that no other has. */
  #give(): void {
    for (const id of this.#places.keys()) if (!this.#ids.peek().has(id)) this.#places.delete(id);
    const taken = new Set(this.#places.values());
    let next = 0;
    for (const id of this.#ids.peek()) {
      if (this.#places.has(id)) continue;
      while (taken.has(next)) next += 1;
      taken.add(next);
      this.#places.set(id, next);
    }
  }
}
