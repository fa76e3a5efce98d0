// A plane with two axes: dots, lines and bars on a canvas, axes and what is pointed at above it in SVG.
// Drawing a box keeps what is inside of it on both axes; a click beside everything lets go of that.

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { faded, look, resolved } from "../charts/palette.ts";
import { ends, scaleOf, steps, type Cell, type Scale, type Tick } from "../charts/scale.ts";
import { number } from "../core/format.ts";
import { hovered } from "../core/hover.ts";

/** What an axis shows: all its values, so that its ends do not move when fewer are kept. */
export interface PlaneAxis {
  readonly title: string;
  readonly values: readonly Cell[];
  readonly log?: boolean;
  readonly write?: (value: number) => string;
  /** At most so many values between two that are worth a mark; round numbers by default. */
  readonly marks?: (low: number, high: number, most: number) => readonly number[];
  /** At the left: room for so many letters, which stand beside bars; else they name rules. */
  readonly letters?: number;
}

/** A dot, or a bar if it has an end. */
export interface Mark {
  readonly id: string;
  readonly x: Cell;
  readonly y: Cell;
  readonly end?: number;
  readonly tone: string;
  readonly isKept: boolean;
  readonly isRinged?: boolean;
}

/** A line through places. */
export interface Stroke {
  readonly id: string;
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
  readonly tone: string;
  readonly isKept: boolean;
  readonly width?: number;
  readonly isStepped?: boolean;
}

/** What is inside of a box on one axis. */
export interface Span {
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}

interface Props {
  readonly x: PlaneAxis;
  readonly y: PlaneAxis;
  readonly marks?: readonly Mark[];
  readonly strokes?: readonly Stroke[];
  readonly height: number;
  readonly label: string;
  readonly onBrush?: (box: readonly [x: Span, y: Span] | null) => void;
  readonly barHeight?: number;
  /** Paint below everything else, with both scales. */
  readonly ground?: (context: CanvasRenderingContext2D, x: Scale, y: Scale) => void;
}

const [RIGHT, TOP, BOTTOM] = [12, 8, 36];
const [LETTERS, LETTER, GAP] = [9, 5.8, 6];
/** Bars may be close to one another, and still be named each. */
const [LINE, LINE_OF_BARS] = [32, 13];
const NEAR = 14;

export function Plane(props: Props): JSX.Element {
  const { x, y, height, label, onBrush } = props;
  const [marks, strokes] = [props.marks ?? [], props.strokes ?? []];
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const left = GAP + Math.ceil((y.letters ?? LETTERS) * LETTER);
  const [drag, setDrag] = useState<readonly [number, number, number, number] | null>(null);
  const xs = useMemo(() => scaleOf(x.values, left + 6, Math.max(left + 20, width - RIGHT - 6), x.log), [x.values, x.log, width, left]);
  const ys = useMemo(() => scaleOf(y.values, height - BOTTOM - 6, TOP + 6, y.log), [y.values, y.log, height]);
  const places = useMemo(() => marks.map((mark) => [xs.place(mark.x), ys.place(mark.y)] as const), [marks, xs, ys]);

  useEffect(() => {
    const context = prepared(canvas.current, width, height);
    if (context === undefined) return;
    props.ground?.(context, xs, ys);
    for (const kept of [false, true]) {
      strokes.filter((each) => each.isKept === kept).forEach((each) => stroke(context, each, xs, ys));
      marks.forEach((mark, at) => mark.isKept === kept && dot(context, mark, places[at], xs, props.barHeight ?? 8));
    }
  }, [props.marks, props.strokes, props.ground, places, width, height, look.value]);

  const at = (event: PointerEvent): [number, number] => {
    const here = box.current?.getBoundingClientRect();
    return [event.clientX - (here?.left ?? 0), event.clientY - (here?.top ?? 0)];
  };
  const point = ([px, py]: readonly [number, number]): void => {
    const found = nearestMark(marks, places, xs, px, py, (props.barHeight ?? 8) / 2) ?? nearestStroke(strokes, xs, ys, px, py);
    if (hovered.peek() !== found) hovered.value = found;
  };
  const done = (): void => {
    if (drag === null || onBrush === undefined) return;
    const [x0, y0, x1, y1] = drag;
    setDrag(null);
    if (Math.abs(x1 - x0) < 4 && Math.abs(y1 - y0) < 4) onBrush(null);
    else onBrush([span(xs, x0, x1), span(ys, y0, y1)]);
  };
  return (
    <div
      ref={box}
      class="sw-plane"
      role="img"
      aria-label={label}
      style={{ height: `${height}px`, cursor: onBrush === undefined ? "default" : "crosshair" }}
      onPointerDown={(event) => {
        if (onBrush === undefined || event.button !== 0) return;
        const [px, py] = at(event);
        box.current?.setPointerCapture(event.pointerId);
        setDrag([px, py, px, py]);
      }}
      onPointerMove={(event) => {
        const place = at(event);
        if (drag === null) point(place);
        else setDrag([drag[0], drag[1], place[0], place[1]]);
      }}
      onPointerUp={done}
      onPointerLeave={() => (hovered.value = null)}
    >
      <canvas ref={canvas} aria-hidden="true" style={{ width: `${width}px`, height: `${height}px` }} />
      <svg width={width} height={height} aria-hidden="true">
        <Axes x={x} y={y} xs={xs} ys={ys} left={left} width={width} height={height} />
        {marks.map((mark, place) => (mark.isRinged ? <Ring key={mark.id} at={places[place]} size={7} /> : null))}
        <Lit marks={marks} places={places} xs={xs} barHeight={props.barHeight ?? 8} />
        {drag === null ? null : (
          <rect
            class="brush"
            x={Math.min(drag[0], drag[2])}
            y={Math.min(drag[1], drag[3])}
            width={Math.abs(drag[2] - drag[0])}
            height={Math.abs(drag[3] - drag[1])}
          />
        )}
      </svg>
    </div>
  );
}

function Lit({ marks, places, xs, barHeight }: { marks: readonly Mark[]; places: Places; xs: Scale; barHeight: number }): JSX.Element {
  const id = hovered.value;
  return (
    <>
      {id === null
        ? null
        : marks.map((mark, at) => {
            if (mark.id !== id) return null;
            const [px, py] = places[at] ?? [];
            if (mark.end === undefined || px === undefined || py === undefined) return <Ring key={at} at={places[at]} size={6} />;
            const wide = Math.max(2, (xs.place(mark.end) ?? px) - px);
            return <rect key={at} class="lit" x={px - 1} y={py - barHeight / 2 - 1} width={wide + 2} height={barHeight + 2} />;
          })}
    </>
  );
}

type Places = readonly (readonly [number | undefined, number | undefined])[];

function Ring({ at, size }: { at: Places[number] | undefined; size: number }): JSX.Element | null {
  const [px, py] = at ?? [];
  return px === undefined || py === undefined ? null : <circle class="lit" cx={px} cy={py} r={size} />;
}

interface AxesProps {
  readonly x: PlaneAxis;
  readonly y: PlaneAxis;
  readonly xs: Scale;
  readonly ys: Scale;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

function Axes({ x, y, xs, ys, left, width, height }: AxesProps): JSX.Element {
  const bottom = height - BOTTOM;
  return (
    <g>
      {ticksOf(y, ys, y.letters === undefined ? LINE : LINE_OF_BARS).map(({ at, text }) => (
        <g key={at}>
          {y.letters === undefined ? <line class="rule" x1={left} x2={width - RIGHT} y1={at} y2={at} /> : null}
          <text x={left - GAP} y={at + 4} text-anchor="end">
            {cut(text, y.letters ?? LETTERS)}
          </text>
        </g>
      ))}
      {ticksOf(x, xs, 76).map(({ at, text }) => (
        <g key={text}>
          <line class="axis" x1={at} x2={at} y1={bottom} y2={bottom + 4} />
          <text x={at} y={bottom + 16} text-anchor="middle">
            {cut(text, 12)}
          </text>
        </g>
      ))}
      <line class="axis" x1={left} x2={width - RIGHT} y1={bottom} y2={bottom} />
      <text class="title" x={(left + width - RIGHT) / 2} y={height - 4} text-anchor="middle">
        {x.title}
        {xs.kind === "log" ? " (log)" : ""}
      </text>
    </g>
  );
}

/** Marks with at least `space` pixels between them. */
function ticksOf(axis: PlaneAxis, scale: Scale, space: number): readonly Tick[] {
  if (scale.kind !== "number") return thin(scale.ticks, scale.kind === "names" ? 14 : space / 2);
  const places = axis.values.map((value) => scale.place(value)).filter((place): place is number => place !== undefined);
  if (places.length === 0) return [];
  const [from, to] = ends(places);
  const [low, high] = [Math.min(scale.value(from), scale.value(to)), Math.max(scale.value(from), scale.value(to))];
  if (low === high) return [{ at: from, text: (axis.write ?? number)(low) }];
  const marks = (axis.marks ?? steps)(low, high, Math.max(2, Math.floor((to - from) / space)));
  const write = axis.write ?? ((value: number) => number(value, 3));
  return marks.map((value) => ({ at: scale.place(value) ?? 0, text: write(value) }));
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Leave out ticks that would stand on others. */
function thin<T extends { readonly at: number }>(ticks: readonly T[], space: number): readonly T[] {
  const found: T[] = [];
  for (const tick of ticks) {
    const last = found[found.length - 1];
    if (last === undefined || Math.abs(tick.at - last.at) >= space) found.push(tick);
  }
  return found;
}

function prepared(canvas: HTMLCanvasElement | null, width: number, height: number): CanvasRenderingContext2D | undefined {
  if (canvas === null || width === 0) return undefined;
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context?.scale(ratio, ratio);
  return context ?? undefined;
}

function dot(context: CanvasRenderingContext2D, mark: Mark, at: Places[number] | undefined, xs: Scale, barHeight: number): void {
  const [px, py] = at ?? [];
  if (px === undefined || py === undefined) return;
  const colour = resolved(mark.tone);
  context.fillStyle = mark.isKept ? faded(colour, 0.85) : faded(colour, 0.14);
  if (mark.end !== undefined) {
    context.fillRect(px, py - barHeight / 2, Math.max(1.5, (xs.place(mark.end) ?? px) - px - 1), barHeight);
    return;
  }
  context.beginPath();
  context.arc(px, py, 3.2, 0, 2 * Math.PI);
  context.fill();
}

function stroke(context: CanvasRenderingContext2D, { xs: along, ys: up, tone, isKept, width = 1.2, isStepped = false }: Stroke, xs: Scale, ys: Scale): void {
  context.strokeStyle = isKept ? resolved(tone) : faded(resolved(tone), 0.1);
  context.lineWidth = width;
  context.beginPath();
  let last: number | undefined;
  along.forEach((value, index) => {
    const [px, py] = [xs.place(value), ys.place(up[index] ?? null)];
    if (px === undefined || py === undefined) {
      last = undefined;
      return;
    }
    if (last === undefined) context.moveTo(px, py);
    else {
      if (isStepped) context.lineTo(px, last);
      context.lineTo(px, py);
    }
    last = py;
  });
  context.stroke();
}

function nearestMark(marks: readonly Mark[], places: Places, xs: Scale, px: number, py: number, half: number): string | null {
  let [best, found]: [number, string | null] = [NEAR, null];
  marks.forEach((mark, at) => {
    const [mx, my] = places[at] ?? [];
    if (mx === undefined || my === undefined) return;
    const end = mark.end === undefined ? mx : (xs.place(mark.end) ?? mx);
    const dx = px < mx ? mx - px : px > end ? px - end : 0;
    const dy = mark.end === undefined ? py - my : Math.max(0, Math.abs(py - my) - half);
    const far = Math.hypot(dx, dy) + (mark.isKept ? 0 : 4);
    if (far < best) [best, found] = [far, mark.id];
  });
  return found;
}

function nearestStroke(strokes: readonly Stroke[], xs: Scale, ys: Scale, px: number, py: number): string | null {
  let [best, found]: [number, string | null] = [NEAR, null];
  for (const each of strokes) {
    if (each.id === "") continue;
    each.xs.forEach((value, at) => {
      const far = Math.hypot((xs.place(value) ?? Infinity) - px, (ys.place(each.ys[at] ?? null) ?? Infinity) - py) + (each.isKept ? 0 : 6);
      if (far < best) [best, found] = [far, each.id];
    });
  }
  return found;
}

/** What lies between two places of an axis. */
export function span(scale: Scale, one: number, other: number): Span {
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  if (scale.kind === "names") {
    return { low: -Infinity, high: Infinity, names: scale.ticks.filter(({ at }) => at >= from && at <= to).map(({ text }) => text) };
  }
  const ends = [scale.value(one), scale.value(other)];
  return { low: Math.min(...ends), high: Math.max(...ends), names: [] };
}

/** How wide an element is, now and whenever that changes. A hook. */
export function useWidth(element: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const holder = element.current;
    if (holder === null) return;
    setWidth(holder.clientWidth);
    const watcher = new ResizeObserver(() => setWidth(holder.clientWidth));
    watcher.observe(holder);
    return () => watcher.disconnect();
  }, []);
  return width;
}
