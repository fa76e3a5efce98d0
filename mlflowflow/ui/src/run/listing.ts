// The files of a run, folder by folder, by the same route that every client of MLflow uses.

import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { bytes, useAnswer, type Answer } from "../core/api.ts";

/** A file or a folder. */
export interface FileEntry {
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}

export interface Listing {
  readonly files?: readonly FileEntry[];
}

const API = "/api/2.0/mlflow/artifacts/list";

/** What lies in a folder of a run; null asks for nothing. A hook. */
export function useFiles(runId: string, folder: string | null): ReadonlySignal<Answer<Listing>> {
  return useAnswer<Listing>(() => folder === null ? null : `${API}?${new URLSearchParams({ run_id: runId, ...(folder === "" ? {} : { path: folder }) })}`);
}

/** The address of a file's bytes. */
export function fileUrl(runId: string, path: string): string {
  return `/get-artifact?${new URLSearchParams({ run_id: runId, path })}`;
}

/** The address of a page that is to be shown in a frame. */
export function frameUrl(runId: string, path: string): string {
  return `/api/mlff/1/frame?${new URLSearchParams({ run_id: runId, path })}`;
}

/** The bytes of a file: nothing yet, they, or why not; a hook. */
export function useBytes(url: string): { blob?: Blob; error?: Error } {
  const [found, setFound] = useState<{ url: string; blob?: Blob; error?: Error }>({ url: "" });
  useEffect(() => {
    const control = new AbortController();
    bytes(url, control.signal).then(
      (blob) => setFound({ url, blob }),
      (error: unknown) => {
        if (!control.signal.aborted) setFound({ url, error: error as Error });
      },
    );
    return () => control.abort();
  }, [url]);
  return found.url === url ? found : {};
}

/** An address of bytes for an image; a hook. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [made, setMade] = useState<{ blob: Blob; url: string }>();
  useEffect(() => {
    if (blob === undefined) return;
    const url = URL.createObjectURL(blob);
    setMade({ blob, url });
    return () => URL.revokeObjectURL(url);
  }, [blob]);
  return made?.blob === blob ? made?.url : undefined;
}
