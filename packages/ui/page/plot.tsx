import type { JSX, TargetedPointerEvent } from "preact";
import { useState } from "preact/hooks";
import { duration } from "./format.ts";

interface PlotProps {
  readonly title: string;
  /** Since the run began; ascending. */
  readonly seconds: readonly number[];
  /** A number for each moment, 0 or more. */
  readonly values: readonly number[];
  readonly format: (value: number) => string;
  /** What the upper edge stands for. @default the greatest of the values */
  readonly most?: number;
}

/** The plot's own units; it is stretched to the room that it has. */
const [WIDTH, HEIGHT] = [200, 50];

/** A figure of a run over time: its last value in words, the line, and the value where the pointer is. */
export function Plot({ title, seconds, values, format, most }: PlotProps): JSX.Element {
  const [pointed, setPointed] = useState<number>();
  const [first = 0, last = 0] = [seconds[0], seconds.at(-1)];
  const top = most ?? Math.max(...values);
  const x = (at: number): number => (((seconds[at] ?? 0) - first) / Math.max(last - first, 1)) * WIDTH;
  const y = (value: number): number => HEIGHT - (value / Math.max(top, Number.MIN_VALUE)) * (HEIGHT - 2) - 1;
  const points = values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
  const shown = pointed === undefined || pointed >= values.length ? values.length - 1 : pointed;
  const now = format(values[shown] ?? 0);
  const onPointerMove = (event: TargetedPointerEvent<SVGSVGElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setPointed(nearest(seconds, first + ((event.clientX - left) / width) * (last - first)));
  };
  return (
    <figure class="plot">
      <figcaption>
        {title} <b>{now}</b>
        <span class="number">
          {pointed === undefined ? "" : `at ${duration((seconds[shown] ?? 0) * 1000)}`}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${now} after ${duration(last * 1000)}, at most ${format(Math.max(...values))}`}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setPointed(undefined)}
      >
        <polygon points={`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
        <polyline points={points.join(" ")} />
        {pointed === undefined ? null : <line x1={x(shown)} x2={x(shown)} y1="0" y2={HEIGHT} />}
      </svg>
      <p class="ends">
        <span>{duration(first * 1000)}</span>
        <span>at most {format(Math.max(...values))}</span>
        <span>{duration(last * 1000)}</span>
      </p>
    </figure>
  );
}

function nearest(seconds: readonly number[], wanted: number): number {
  const next = seconds.findIndex((second) => second >= wanted);
  if (next <= 0) return next === 0 ? 0 : seconds.length - 1;
  const [before = 0, after = 0] = [seconds[next - 1], seconds[next]];
  return wanted - before < after - wanted ? next - 1 : next;
}
