// Where the page is, as signals: the address is the only place where the state of a view is kept.
// Whoever gets the address sees the same view; back and forward undo and redo what was chosen.

import { computed, signal, type ReadonlySignal } from "@preact/signals";

/** One kind of page: its path with `:names` for the parts that vary. */
export interface Route<Page> {
  readonly path: string;
  readonly page: Page;
}

export interface Match<Page> {
  readonly page: Page;
  readonly parts: Readonly<Record<string, string>>;
}

/** The first of `routes` that `path` fits, with its decoded parts. */
export function match<Page>(routes: readonly Route<Page>[], path: string): Match<Page> | undefined {
  const given = path.split("/").filter((part) => part !== "");
  for (const route of routes) {
    const wanted = route.path.split("/").filter((part) => part !== "");
    if (wanted.length !== given.length) continue;
    const parts: Record<string, string> = {};
    const fits = wanted.every((part, index) => {
      const here = given[index] ?? "";
      if (!part.startsWith(":")) return part === here;
      parts[part.slice(1)] = decoded(here);
      return true;
    });
    if (fits) return { page: route.page, parts };
  }
  return undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Write an address: parts of the path are encoded, empty and default values of the query left out. */
export function address(path: readonly string[], query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== "") search.append(name, String(each));
    }
  }
  const text = search.toString();
  return `/${path.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
}

export type Query = Readonly<Record<string, string | number | undefined | readonly (string | number)[]>>;

const here = signal(current());

/** The path of the page. */
export const path: ReadonlySignal<string> = computed(() => here.value.pathname);

function current(): URL {
  return new URL(globalThis.location?.href ?? "http://localhost/");
}

/** Go to another page; a step that "back" undoes. */
export function navigate(target: string): void {
  history.pushState(null, "", target);
  here.value = current();
  scrollTo(0, 0);
}

/** Follow "back", "forward", and every plain click on a link of this site. */
export function listen(): void {
  addEventListener("popstate", () => (here.value = current()));
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (elsewhere || link.target !== "" || link.hasAttribute("download")) return;
    const target = new URL(link.href);
    if (target.origin !== location.origin || !isPage(target.pathname)) return;
    event.preventDefault();
    navigate(target.pathname + target.search);
  });
}

function isPage(pathname: string): boolean {
  return !["/api/", "/ajax-api/", "/get-artifact", "/openapi.json", "/assets/"].some((one) => pathname.startsWith(one));
}

/** A choice that the address keeps under `name`; setting it to the default removes it from there. */
export interface Choice<T> {
  readonly value: T;
  set(value: T): void;
}

/** Text in the address. */
export function textChoice(name: string, byDefault = ""): Choice<string> {
  return choice(name, byDefault, (found) => found, (value) => value);
}

/** A number in the address; what is no number there is the default. */
export function numberChoice(name: string, byDefault: number): Choice<number> {
  return choice(
    name,
    byDefault,
    (found) => (Number.isFinite(Number(found)) ? Number(found) : byDefault),
    String,
  );
}

/** Yes or no in the address. */
export function flagChoice(name: string, byDefault = false): Choice<boolean> {
  return choice(name, byDefault, (found) => found === "1", (value) => (value ? "1" : "0"));
}

/** Several texts in the address, in their order. */
export function listChoice(name: string): Choice<readonly string[]> {
  const all = computed(() => here.value.searchParams.getAll(name));
  return {
    get value() {
      return all.value;
    },
    set(value) {
      change((search) => {
        search.delete(name);
        for (const each of value) search.append(name, each);
      });
    },
  };
}

function choice<T>(name: string, byDefault: T, read: (text: string) => T, write: (value: T) => string): Choice<T> {
  const found = computed(() => here.value.searchParams.get(name));
  return {
    get value() {
      const text = found.value;
      return text === null ? byDefault : read(text);
    },
    set(value) {
      change((search) => (value === byDefault ? search.delete(name) : search.set(name, write(value))));
    },
  };
}

function change(edit: (search: URLSearchParams) => void): void {
  const url = current();
  edit(url.searchParams);
  if (url.href === here.value.href) return;
  // A step of its own would make "back" undo every letter that was typed into a filter.
  history.replaceState(null, "", url);
  here.value = url;
}
