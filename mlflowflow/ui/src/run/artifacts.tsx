// The files of a run: a tree at the left that is read folder by folder, the chosen file at the right.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { listChoice, textChoice } from "../core/router.ts";
import { size } from "../core/format.ts";
import { Empty, Shown } from "../parts/basics.tsx";
import { FileView } from "./file_view.tsx";
import { imageSeries } from "./files.ts";
import { Images } from "./images.tsx";
import { useFiles, type FileEntry } from "./listing.ts";

const chosen = textChoice("file");
const opened = listChoice("open");

export function Artifacts({ runId }: { runId: string }): JSX.Element {
  const answer = useFiles(runId, "");
  const [file, setFile] = useState<FileEntry>();
  return (
    <Shown answer={answer.value}>
      {({ files = [] }) =>
        files.length === 0 ? (
          <Empty command={'mlflowflow.log_artifact("model.pkl")'}>This run has kept no files.</Empty>
        ) : (
          <div class="files">
            <nav class="files-tree" aria-label="Files">
              <Folder runId={runId} files={files} onFile={setFile} />
            </nav>
            <div class="files-view">
              {chosen.value === "" ? (
                <Empty>Choose a file to see it.</Empty>
              ) : chosen.value.endsWith("/") ? (
                <Series runId={runId} folder={chosen.value.slice(0, -1)} />
              ) : (
                <Chosen key={chosen.value} runId={runId} path={chosen.value} known={file} />
              )}
            </div>
          </div>
        )
      }
    </Shown>
  );
}

/** A file that an address names: what its folder says of it is asked first. */
function Chosen({ runId, path, known }: { runId: string; path: string; known: FileEntry | undefined }): JSX.Element {
  const isKnown = known?.path === path;
  const answer = useFiles(runId, isKnown ? null : path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  if (isKnown) return <FileView runId={runId} file={known} />;
  return (
    <Shown answer={answer.value}>
      {({ files = [] }) => {
        const found = files.find((each) => each.path === path);
        return found === undefined ? <Empty>There is no file {path} any more.</Empty> : <FileView runId={runId} file={found} />;
      }}
    </Shown>
  );
}

function Folder({ runId, files, onFile }: { runId: string; files: readonly FileEntry[]; onFile: (file: FileEntry) => void }): JSX.Element {
  const sorted = [...files].sort((one, other) => Number(other.is_dir) - Number(one.is_dir) || one.path.localeCompare(other.path, "en", { numeric: true }));
  return (
    <ul>
      {sorted.map((each) => (
        <li key={each.path}>{each.is_dir ? <Branch runId={runId} folder={each.path} onFile={onFile} /> : <Leaf file={each} onFile={onFile} />}</li>
      ))}
    </ul>
  );
}

function Leaf({ file, onFile }: { file: FileEntry; onFile: (file: FileEntry) => void }): JSX.Element {
  return (
    <button
      type="button"
      class="plain"
      aria-current={chosen.value === file.path}
      onClick={() => {
        onFile(file);
        chosen.set(file.path);
      }}
    >
      <span class="files-name">{base(file.path)}</span>
      <span class="soft number">{size(file.file_size ?? 0)}</span>
    </button>
  );
}

function Branch({ runId, folder, onFile }: { runId: string; folder: string; onFile: (file: FileEntry) => void }): JSX.Element {
  const isOpen = opened.value.includes(folder);
  const toggle = (): void => opened.set(isOpen ? opened.value.filter((each) => each !== folder) : [...opened.value, folder]);
  return (
    <>
      <button type="button" class="plain files-folder" aria-expanded={isOpen} onClick={toggle}>
        <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span>
        <span class="files-name">{base(folder)}</span>
      </button>
      {isOpen ? <Inside runId={runId} folder={folder} onFile={onFile} /> : null}
    </>
  );
}

function Inside({ runId, folder, onFile }: { runId: string; folder: string; onFile: (file: FileEntry) => void }): JSX.Element {
  const answer = useFiles(runId, folder);
  return (
    <Shown answer={answer.value}>
      {({ files = [] }) => {
        const series = imageSeries(files.map((each) => each.path));
        const inSeries = new Set([...series.values()].flat().map((each) => each.path));
        const small = (path: string): boolean => /[+%]compressed\.webp$/.test(path);
        return (
          <>
            {series.size === 0 ? null : (
              <ul>
                <li>
                  <button type="button" class="plain" aria-current={chosen.value === `${folder}/`} onClick={() => chosen.set(`${folder}/`)}>
                    <span class="files-name">Images by step</span>
                    <span class="soft number">{inSeries.size}</span>
                  </button>
                </li>
              </ul>
            )}
            <Folder runId={runId} files={files.filter((each) => !inSeries.has(each.path) && !small(each.path))} onFile={onFile} />
          </>
        );
      }}
    </Shown>
  );
}

function Series({ runId, folder }: { runId: string; folder: string }): JSX.Element {
  const answer = useFiles(runId, folder);
  return <Shown answer={answer.value}>{({ files = [] }) => <Images runId={runId} series={imageSeries(files.map((each) => each.path))} />}</Shown>;
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
