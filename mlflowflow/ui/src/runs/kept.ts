// What this browser remembers of tables of runs: columns and widths of each experiment, and views with a name.
// It is a convenience: without storage everything works, and nothing is remembered.

export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const COLUMNS = "mlff-columns-";
const WIDTHS = "mlff-widths-";
const VIEWS = "mlff-views";

/** A named address. */
export interface SavedView {
  readonly name: string;
  readonly address: string;
}

/** What is remembered under a key of `store`; `byDefault` if there is nothing, or nothing that can be read. */
function recall<T>(store: Store, key: string, isFit: (found: unknown) => found is T, byDefault: T): T {
  try {
    const found: unknown = JSON.parse(store.getItem(key) ?? "null");
    return isFit(found) ? found : byDefault;
  } catch {
    return byDefault;
  }
}

function remember(store: Store, key: string, value: unknown): void {
  try {
    store.setItem(key, JSON.stringify(value));
  } catch {
    // full or forbidden
  }
}

function isTexts(found: unknown): found is string[] {
  return Array.isArray(found) && found.every((each) => typeof each === "string");
}

function isSizes(found: unknown): found is Record<string, number> {
  return typeof found === "object" && found !== null && Object.values(found).every((each) => typeof each === "number");
}

function isViews(found: unknown): found is SavedView[] {
  return Array.isArray(found) && found.every((each) => isTexts([each?.name, each?.address]));
}

/** Which columns were chosen for some experiments; empty if none were. */
export function columnsOf(store: Store, place: string): string[] {
  return recall(store, COLUMNS + place, isTexts, []);
}

export function keepColumns(store: Store, place: string, names: readonly string[]): void {
  remember(store, COLUMNS + place, names);
}

export function widthsOf(store: Store, place: string): Record<string, number> {
  return recall(store, WIDTHS + place, isSizes, {});
}

export function keepWidths(store: Store, place: string, widths: Readonly<Record<string, number>>): void {
  remember(store, WIDTHS + place, widths);
}

/** The views with a name, by name. */
export function views(store: Store): SavedView[] {
  return recall(store, VIEWS, isViews, []).sort((a, b) => a.name.localeCompare(b.name));
}

/** Keep a view; one of the same name is replaced. An empty address forgets it. */
export function keepView(store: Store, view: SavedView): void {
  const others = views(store).filter((each) => each.name !== view.name);
  remember(store, VIEWS, view.address === "" ? others : [...others, view]);
}
