// Where a key moves the focus of a table to.

/** A cell by its line and column; line −1 is the head. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** How large a table is, and how many lines are seen at a time. */
export interface Extent {
  readonly lines: number;
  readonly columns: number;
  readonly page: number;
}

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The place that a key leads to; undefined if it is no key that moves. */
export function keyMove(from: Place, pressed: Pressed, { lines, columns, page }: Extent): Place | undefined {
  if (pressed.altKey) return undefined;
  const all = pressed.ctrlKey || pressed.metaKey;
  const to = (line: number, column: number): Place => ({
    line: Math.max(-1, Math.min(lines - 1, line)),
    column: Math.max(0, Math.min(columns - 1, column)),
  });
  switch (pressed.key) {
    case "ArrowDown":
      return to(all ? lines - 1 : from.line + 1, from.column);
    case "ArrowUp":
      return to(all ? 0 : from.line - 1, from.column);
    case "ArrowRight":
      return to(from.line, from.column + 1);
    case "ArrowLeft":
      return to(from.line, from.column - 1);
    case "PageDown":
      return to(from.line + page, from.column);
    case "PageUp":
      return to(Math.max(0, from.line - page), from.column);
    case "Home":
      return to(all ? 0 : from.line, 0);
    case "End":
      return to(all ? lines - 1 : from.line, columns - 1);
    default:
      return undefined;
  }
}
