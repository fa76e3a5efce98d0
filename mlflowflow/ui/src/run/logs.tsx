// What the program of a run printed, attempt by attempt.

import type { JSX } from "preact";

import { textChoice } from "../core/router.ts";
import type { RunSheet } from "../core/types.ts";
import { Empty, Shown } from "../parts/basics.tsx";
import { useFiles } from "./listing.ts";
import { FileView } from "./file_view.tsx";

const attempt = textChoice("log");
const FOLDER = "logs";

export function Logs({ run }: { run: RunSheet }): JSX.Element {
  const answer = useFiles(run.run_id, FOLDER);
  return (
    <Shown answer={answer.value}>
      {(found) => {
        const files = (found.files ?? []).filter((each) => !each.is_dir);
        const sorted = [...files].sort((one, other) => one.path.localeCompare(other.path, "en", { numeric: true }));
        const shown = sorted.find((each) => each.path === attempt.value) ?? sorted[sorted.length - 1];
        if (shown === undefined) {
          return (
            <Empty command="mlff run PROJECT -e ENTRY_POINT">
              No output was kept. That of runs which <code>mlff run</code> starts is kept here, for each attempt.
            </Empty>
          );
        }
        return (
          <>
            {sorted.length > 1 ? (
              <div class="bar" role="group" aria-label="Which output">
                {sorted.map((each) => (
                  <button key={each.path} type="button" aria-pressed={each === shown} onClick={() => attempt.set(each.path)}>
                    {each.path.slice(FOLDER.length + 1)}
                  </button>
                ))}
              </div>
            ) : null}
            <FileView runId={run.run_id} file={shown} />
          </>
        );
      }}
    </Shown>
  );
}
