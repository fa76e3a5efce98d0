// What is typed into the bar above runs: a plain word filters in the tab as it is typed; anything with an operator
// is an expression of the search language, which the server reads.

import type { Cells } from "./cells.ts";

/** What a text is: nothing, words to look for, an expression, or the beginning of one. */
export type Meaning = "nothing" | "words" | "expression" | "unfinished";

const OPERATOR = /[=<>!]|\b(?:like|ilike|in|is|not|and|or)\b\s/i;
const FIELD = /^(?:params|metrics|tags|attributes|datasets|param|metric|tag|attribute|dataset|best|min|max)[.(]/i;

export function meaning(text: string): Meaning {
  const plain = text.trim();
  if (plain === "") return "nothing";
  if (OPERATOR.test(`${plain} `) && (/[=<>!]/.test(plain) || FIELD.test(plain) || plain.startsWith("("))) return "expression";
  return FIELD.test(plain) ? "unfinished" : "words";
}

/** Which rows hold every one of the words, each in any of the `columns` or as the beginning of the id. */
export function holding(text: string, columns: readonly Cells[], ids: readonly string[]): Uint8Array {
  const found = new Uint8Array(ids.length).fill(1);
  for (const word of text.toLowerCase().split(/\s+/).filter((each) => each !== "")) {
    const here = rowsWith(word, columns, ids);
    for (let row = 0; row < found.length; row += 1) found[row] = (found[row] ?? 0) & (here[row] ?? 0);
  }
  return found;
}

function rowsWith(word: string, columns: readonly Cells[], ids: readonly string[]): Uint8Array {
  const found = new Uint8Array(ids.length);
  for (const column of columns) {
    if (column.kind !== "texts") continue;
    // Decided once for each different text.
    const hits = Uint8Array.from(column.words, (each) => (each.toLowerCase().includes(word) ? 1 : 0));
    if (!hits.includes(1)) continue;
    for (let row = 0; row < found.length; row += 1) {
      const code = column.codes[row] ?? -1;
      if (code >= 0 && hits[code] === 1) found[row] = 1;
    }
  }
  if (/^[0-9a-f]{4,}$/.test(word)) ids.forEach((id, row) => id.startsWith(word) && (found[row] = 1));
  return found;
}

/** One way to go on: `text` replaces what stands between `from` and `to`. */
export interface Completion {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const FAMILIES = ["params.", "metrics.", "tags.", "attributes."] as const;
const ATTRIBUTES = ["run_id", "run_name", "status", "start_time", "end_time", "user_id", "artifact_uri"] as const;
const MOST = 12;

/** A field, an operator that compares texts, and the beginning of a text. */
const VALUE = /([A-Za-z_]+(?:\.(?:`[^`]+`|[\w./:-]+))?)\s*(?:!=|=|\bi?like\b|\bin\s*\((?:[^()]*,)?)\s*(['"]?)([^'"]*)$/i;

/** What could be meant by the text before `at`, where a value stands: one of those that `valuesOf` the field are there. */
export function values(text: string, at: number, valuesOf: (name: string) => readonly string[]): Completion[] {
  const found = VALUE.exec(text.slice(0, at));
  if (found === null) return [];
  const [, field = "", quote = "", begun = ""] = found;
  const from = at - begun.length - quote.length;
  const end = /^[^'"\s,)]*['"]?/.exec(text.slice(at))?.[0].length ?? 0;
  const name = field.replaceAll("`", "").replace(/^(?:attributes?|attr|run)\./i, "");
  return valuesOf(name)
    .filter((word) => word.toLowerCase().startsWith(begun.toLowerCase()) && (quote === "" || word !== begun))
    .slice(0, MOST)
    .map((word) => ({ text: `'${word.replaceAll("'", "''")}'`, from, to: at + end }));
}

/** What could be meant by the word before `at`: a family, or a key of one of `names` ("params.lr"). */
export function completions(text: string, at: number, names: readonly string[]): Completion[] {
  const before = /(?:^|[\s(,])([A-Za-z_]+\.?[^\s=<>!'",()]*)$/.exec(text.slice(0, at))?.[1];
  if (before === undefined || isInText(text.slice(0, at))) return [];
  const from = at - before.length;
  const to = at + (/^[^\s=<>!'",()]*/.exec(text.slice(at))?.[0].length ?? 0);
  const all = [...FAMILIES, ...names, ...ATTRIBUTES.map((each) => `attributes.${each}`)];
  const wanted = before.toLowerCase();
  const starting = all.filter((each) => each.toLowerCase().startsWith(wanted) && isNext(each, wanted));
  const inside = before.includes(".") || wanted.length < 2 ? [] : all.filter((each) => isKeyWith(each, wanted));
  return [...new Set([...starting, ...inside])]
    .filter((each) => each !== before)
    .slice(0, MOST)
    .map((each) => ({ text: quoted(each), from, to }));
}

/** A family before its keys: "par" is completed to "params." first. */
function isNext(name: string, wanted: string): boolean {
  return wanted.includes(".") || name.endsWith(".");
}

function isKeyWith(name: string, wanted: string): boolean {
  return name.slice(name.indexOf(".") + 1).toLowerCase().includes(wanted) && !name.endsWith(".");
}

function isInText(before: string): boolean {
  return (before.match(/'/g)?.length ?? 0) % 2 === 1 || (before.match(/"/g)?.length ?? 0) % 2 === 1;
}

/** A field as the search language wants it: a key with other letters than those of names in backticks. */
export function quoted(name: string): string {
  const dot = name.indexOf(".") + 1;
  const key = name.slice(dot);
  return key === "" || isPlainKey(key) ? name : `${name.slice(0, dot)}\`${key.replaceAll("`", "``")}\``;
}

/** Whether a key can stand after its dot as it is. */
export function isPlainKey(key: string): boolean {
  return /^[\w./:-]+$/.test(key);
}
