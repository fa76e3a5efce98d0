// The run that the pointer is on, so that rows and charts light up together.

import { signal } from "@preact/signals";

/** The id of the run that is pointed at, or null. */
export const hovered = signal<string | null>(null);
