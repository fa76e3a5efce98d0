// A canvas that is as sharp as the screen and is drawn again when its size or the colours change; a hook.

import { useEffect, useRef, useState } from "preact/hooks";

import { look } from "./palette.ts";

export interface Drawing {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/** The width of an element, as it changes; a hook. */
export function useWidth<E extends HTMLElement>(fallback = 640): [{ current: E | null }, number] {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(fallback);
  useEffect(() => {
    const found = element.current;
    if (found === null) return;
    const measure = (): void => setWidth(Math.max(160, Math.floor(found.clientWidth)));
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(found);
    return () => watcher.disconnect();
  }, []);
  return [element, width];
}

/** Draw on a canvas of a size whenever one of `inputs` is another; a hook. */
export function useDrawing(width: number, height: number, draw: (on: Drawing) => void, inputs: readonly unknown[]): { current: HTMLCanvasElement | null } {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const found = canvas.current;
    const context = found?.getContext("2d");
    if (found === null || found === undefined || context === null || context === undefined) return;
    const ratio = globalThis.devicePixelRatio || 1;
    found.width = width * ratio;
    found.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    draw({ context, width, height });
  }, [width, height, look.value, ...inputs]);
  return canvas;
}
