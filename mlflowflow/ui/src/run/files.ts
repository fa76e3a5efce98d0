// What kind of file an artifact is, and which images are steps of one series.

/** How a file is shown. */
export type Viewer = "image" | "table" | "text" | "page" | "none";

const VIEWERS: readonly (readonly [Viewer, readonly string[]])[] = [
  ["image", ["png", "jpg", "jpeg", "gif", "webp", "svg", "bmp"]],
  ["table", ["parquet", "csv", "tsv"]],
  ["page", ["html", "htm"]],
  [
    "text",
    [
      "txt", "log", "err", "out", "json", "yaml", "yml", "toml", "cfg", "conf", "ini", "md", "rst", "py", "r", "sh",
      "sql", "xml", "jsonl", "mlmodel", "mlproject", "requirements", "lock", "js", "ts", "css",
    ],
  ],
];
const NAMES: ReadonlySet<string> = new Set(["mlmodel", "mlproject", "dockerfile", "makefile", "readme", "license"]);

/** How a file of this name is shown. */
export function viewer(path: string): Viewer {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const suffix = name.includes(".") ? name.slice(name.lastIndexOf(".") + 1) : "";
  if (NAMES.has(name)) return "text";
  return VIEWERS.find(([, suffixes]) => suffixes.includes(suffix))?.[0] ?? "none";
}

/** One image of a series. */
export interface Step {
  readonly path: string;
  readonly step: number;
  readonly time: number;
}

const SERIES = /^(.+?)([+%])step\2(-?\d+)\2timestamp\2(\d+)\2([^+%]+)\.png$/;

/** Images that were logged under one key, by key, each by step. Their small copies are left out. */
export function imageSeries(paths: readonly string[]): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  for (const path of paths) {
    const parts = SERIES.exec(path.slice(path.lastIndexOf("/") + 1));
    if (parts === null) continue;
    const key = (parts[1] ?? "").replaceAll(/[~#]/g, "/");
    const step = { path, step: Number(parts[3]), time: Number(parts[4]) };
    found.set(key, [...(found.get(key) ?? []), step]);
  }
  for (const steps of found.values()) steps.sort((one, other) => one.step - other.step || one.time - other.time);
  return new Map([...found].sort(([one], [other]) => one.localeCompare(other)));
}

/** JSON written out; text that is none as it is. */
export function pretty(path: string, text: string): string {
  if (!path.toLowerCase().endsWith(".json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
