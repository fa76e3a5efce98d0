// The command that repeats a run, as far as its tags tell.

/** What is needed of a run. */
export interface Known {
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** The command, or undefined if nobody can know it. */
export function again({ params, tags }: Known): string | undefined {
  const source = tags["mlflow.source.name"];
  const entry = tags["mlflow.project.entryPoint"];
  if (entry !== undefined || tags["mlflow.source.type"] === "PROJECT") {
    const named = entry === undefined || entry === "main" ? [] : ["-e", entry];
    const given = Object.entries(params).flatMap(([name, value]) => ["-P", `${name}=${value}`]);
    const version = tags["mlflow.source.git.commit"];
    const at = source?.includes("://") && version !== undefined ? ["--version", version] : [];
    return ["mlff", "run", source ?? ".", ...named, ...at, ...given].map(quoted).join(" ");
  }
  return source?.endsWith(".py") ? ["python", source].map(quoted).join(" ") : undefined;
}

/** A word as a shell takes it for one. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
