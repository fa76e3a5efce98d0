// How soon an answer is asked for again. News may come twice a second, and an answer of 50,000 rows takes
// longer than that: it is let finish, and followed by a rest that grows with what it took.

const FAST_MS = 150;
const RESTS = 4;

export class Pace {
  readonly #ask: () => void;
  readonly #now: () => number;
  #began = 0;
  #rest = 0;
  #ended = 0;
  #isBusy = false;
  #isWanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `ask` is called when it is time to ask again. */
  constructor(ask: () => void, now: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  /** A question was sent. */
  began(): void {
    clearTimeout(this.#timer);
    this.#began = this.#now();
    this.#isBusy = true;
    this.#isWanted = false;
  }

  /** Its answer came. */
  ended(): void {
    this.#ended = this.#now();
    const took = this.#ended - this.#began;
    this.#rest = took < FAST_MS ? 0 : RESTS * took;
    this.#isBusy = false;
    if (this.#isWanted) this.again();
  }

  /** Something changed: ask again, as soon as the answer that is waited for has come and has had its rest. */
  again(): void {
    if (this.#isBusy) {
      this.#isWanted = true;
      return;
    }
    clearTimeout(this.#timer);
    const wait = this.#ended + this.#rest - this.#now();
    if (wait <= 0) this.#ask();
    else this.#timer = setTimeout(() => this.#ask(), wait);
  }

  /** Nothing more will be asked. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#isBusy = false;
    this.#isWanted = false;
  }
}
