// What is shown, as a file and as the call of the library that asks the same.

import { DURATION } from "./columns.ts";
import { isPlainKey, meaning } from "./filter.ts";
import type { Sorting } from "./order.ts";

/** Text as one cell of CSV (RFC 4180). */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A table as CSV, with CRLF as the standard has it. */
export function csv(titles: readonly string[], rows: Iterable<readonly string[]>): string {
  const lines = [titles.map(csvCell).join(",")];
  for (const row of rows) lines.push(row.map(csvCell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

const VIEWS: Readonly<Record<string, string>> = { deleted: "DELETED_ONLY", all: "ALL" };

/** What a view asks, as Python that gives the same runs as a DataFrame. */
export function python(experiments: readonly string[], filter: string, sorting: readonly Sorting[], stage: string): string {
  const expression = meaning(filter) === "expression" ? filter.trim() : wordsAsExpression(filter);
  const ordered = sorting.filter((each) => each.name !== DURATION).map((each) => literal(orderBy(each)));
  const lines = [
    ...(experiments.length === 0 ? ["search_all_experiments=True"] : [`experiment_names=[${experiments.map(literal).join(", ")}]`]),
    ...(expression === "" ? [] : [`filter_string=${literal(expression)}`]),
    ...(ordered.length === 0 ? [] : [`order_by=[${ordered.join(", ")}]`]),
    ...(stage in VIEWS ? [`run_view_type=mlflowflow.ViewType.${VIEWS[stage]}`] : []),
  ];
  return `import mlflowflow\n\nruns = mlflowflow.search_runs(\n${lines.map((line) => `    ${line},\n`).join("")})\n`;
}

function wordsAsExpression(text: string): string {
  const words = meaning(text) === "words" ? text.trim().split(/\s+/) : [];
  return words.map((word) => `attributes.run_name ILIKE '%${word.replaceAll("'", "''")}%'`).join(" AND ");
}

function orderBy({ name, descending }: Sorting): string {
  const end = /^metrics_(min|max|best)\.(.*)$/s.exec(name);
  const field = end === null ? (name.includes(".") ? backticked(name) : `attributes.${name}`) : `${end[1]}(metrics.${ticked(end[2] ?? "")})`;
  return `${field} ${descending ? "DESC" : "ASC"}`;
}

function backticked(name: string): string {
  const dot = name.indexOf(".") + 1;
  return name.slice(0, dot) + ticked(name.slice(dot));
}

function ticked(key: string): string {
  return isPlainKey(key) ? key : `\`${key.replaceAll("`", "``")}\``;
}

/** A text as a literal of Python. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (letter) => letter);
}
