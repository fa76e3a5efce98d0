// A button that opens a small panel below it; Escape, or a click elsewhere, closes it.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import "../style/popover.css";

export function Popover({
  words,
  label,
  children,
  alignRight = false,
}: {
  words: ComponentChildren;
  label: string;
  children: (close: () => void) => ComponentChildren;
  alignRight?: boolean;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const control = new AbortController();
    document.addEventListener(
      "pointerdown",
      (event) => !(place.current?.contains(event.target as Node) ?? true) && setOpen(false),
      { signal: control.signal },
    );
    place.current?.querySelector<HTMLElement>(".popover input, .popover button, .popover select")?.focus();
    return () => control.abort();
  }, [isOpen]);
  const close = (): void => {
    setOpen(false);
    place.current?.querySelector<HTMLElement>("button")?.focus();
  };
  return (
    <div
      class="popover-place"
      ref={place}
      onKeyDown={(event) => {
        if (event.key === "Escape" && isOpen) {
          event.stopPropagation();
          close();
        }
      }}
    >
      <button type="button" aria-expanded={isOpen} aria-haspopup="dialog" onClick={() => setOpen(!isOpen)}>
        {words}
        <svg width="9" height="9" viewBox="0 0 10 10" aria-hidden="true">
          <path d="M1 3l4 4 4-4" fill="none" stroke="currentColor" stroke-width="1.5" />
        </svg>
      </button>
      {isOpen ? (
        <div class={alignRight ? "popover right" : "popover"} role="dialog" aria-label={label}>
          {children(close)}
        </div>
      ) : null}
    </div>
  );
}
