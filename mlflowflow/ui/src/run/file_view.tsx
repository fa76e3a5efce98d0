// One file of a run, as far as a browser may show it: nothing that was logged is ever run in this page.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { bytes, route, useAnswer } from "../core/api.ts";
import { number, size } from "../core/format.ts";
import type { TableSheet } from "../core/types.ts";
import { Empty, Failure, Shown } from "../parts/basics.tsx";
import { pretty, viewer } from "./files.ts";
import { fileUrl, frameUrl, useBytes, useObjectUrl, type FileEntry } from "./listing.ts";

const MOST_TEXT = 2_000_000;
const TOKEN = "mlff-token";

export function FileView({ runId, file }: { runId: string; file: FileEntry }): JSX.Element {
  return (
    <section class="file" aria-label={file.path}>
      <header class="bar">
        <h3 class="mono">{file.path}</h3>
        <span class="soft">{size(file.file_size ?? 0)}</span>
        <span class="grow" />
        <Download runId={runId} path={file.path} />
      </header>
      <View key={file.path} runId={runId} file={file} />
    </section>
  );
}

function View({ runId, file }: { runId: string; file: FileEntry }): JSX.Element {
  switch (viewer(file.path)) {
    case "image":
      return <Picture runId={runId} path={file.path} />;
    case "table":
      return <Table runId={runId} path={file.path} />;
    case "page":
      // A frame cannot carry the token, so where one is wanted the page is shown as its text.
      return sessionStorage.getItem(TOKEN) === null ? (
        <iframe class="file-frame" sandbox="allow-scripts" title={file.path} src={frameUrl(runId, file.path)} />
      ) : (
        <Text runId={runId} path={file.path} />
      );
    case "text":
      return (file.file_size ?? 0) > MOST_TEXT ? (
        <Empty>This text is too long to be shown here; download it.</Empty>
      ) : file.path.toLowerCase().endsWith(".json") ? (
        <Json runId={runId} path={file.path} />
      ) : (
        <Text runId={runId} path={file.path} />
      );
    default:
      return <Empty>Files of this kind are not shown; download it.</Empty>;
  }
}

/** A picture; one in SVG runs no program, as in every `img`. */
export function Picture({ runId, path, alt }: { runId: string; path: string; alt?: string }): JSX.Element {
  const { blob, error } = useBytes(fileUrl(runId, path));
  const url = useObjectUrl(blob);
  if (error !== undefined) return <Failure error={error} />;
  return <div class="file-picture">{url === undefined ? null : <img src={url} alt={alt ?? path} />}</div>;
}

function Text({ runId, path }: { runId: string; path: string }): JSX.Element {
  const { blob, error } = useBytes(fileUrl(runId, path));
  const [text, setText] = useState<string>();
  useEffect(() => void blob?.text().then(setText), [blob]);
  if (error !== undefined) return <Failure error={error} />;
  return (
    <pre class="file-text" tabIndex={0}>
      {text === undefined ? "" : pretty(path, text)}
    </pre>
  );
}

/** JSON that holds a table as a table, other JSON as text. */
function Json({ runId, path }: { runId: string; path: string }): JSX.Element {
  const [asText, setAsText] = useState(false);
  const answer = useAnswer<TableSheet>(() => tableRoute(runId, path));
  if (answer.value.error !== undefined) return <Text runId={runId} path={path} />;
  return (
    <>
      {answer.value.value === undefined ? null : (
        <div class="bar">
          <button type="button" aria-pressed={asText} onClick={() => setAsText(!asText)}>
            As text
          </button>
        </div>
      )}
      {asText ? <Text runId={runId} path={path} /> : <Shown answer={answer.value}>{(table) => <Rows table={table} />}</Shown>}
    </>
  );
}

function Table({ runId, path }: { runId: string; path: string }): JSX.Element {
  const answer = useAnswer<TableSheet>(() => tableRoute(runId, path));
  return <Shown answer={answer.value}>{(table) => <Rows table={table} />}</Shown>;
}

function tableRoute(runId: string, path: string): string {
  return route(`runs/${encodeURIComponent(runId)}/table`, { path });
}

function Rows({ table }: { table: TableSheet }): JSX.Element {
  const shown = table.data[0]?.length ?? 0;
  const all = table.rows ?? undefined;
  const isNumber = table.data.map((column) => column.every((cell) => cell === null || typeof cell === "number"));
  return (
    <>
      <p class="soft">
        {all === undefined ? `The first ${shown} rows` : shown < all ? `The first ${shown} of ${all.toLocaleString("en")} rows` : `${shown} rows`},{" "}
        {table.columns.length} columns
      </p>
      <div class="file-table" tabIndex={0} role="region" aria-label="Rows">
        <table class="list">
          <thead>
            <tr>
              <th scope="col" class="number">#</th>
              {table.columns.map((name, place) => (
                <th key={place} scope="col" class={isNumber[place] === true ? "number" : ""}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: shown }, (_, row) => (
              <tr key={row}>
                <td class="number soft">{row}</td>
                {table.data.map((column, place) => (
                  <td key={place} class={isNumber[place] === true ? "number" : ""}>
                    {cell(column[row])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function cell(value: number | string | null | undefined): string {
  return value === null || value === undefined ? "" : typeof value === "number" ? number(value, 6) : value;
}

/** A link to the bytes; with a token, which links cannot carry, they are fetched first. */
function Download({ runId, path }: { runId: string; path: string }): JSX.Element {
  const [error, setError] = useState<Error>();
  const name = path.slice(path.lastIndexOf("/") + 1);
  const fetched = (event: MouseEvent): void => {
    if (sessionStorage.getItem(TOKEN) === null) return;
    event.preventDefault();
    bytes(fileUrl(runId, path)).then((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    }, setError);
  };
  return (
    <>
      <a class="button" href={fileUrl(runId, path)} download={name} onClick={fetched}>
        Download
      </a>
      {error === undefined ? null : <Failure error={error} />}
    </>
  );
}
