import type { ComponentChildren, JSX } from "preact";
import type { CodeCount, LiveRun } from "../src/live-run.ts";
import { count, counted, dollars, duration, short } from "./format.ts";
import { visible } from "./visible.ts";

/** Its process tells every second. After so long without a word it does something else. */
const LONG_MS = 6000;

/** How far a run is that goes on. Every figure has its place from the first on, so that nothing jumps. */
export function LivePanel({ live }: { readonly live: LiveRun | undefined }): JSX.Element {
  if (live === undefined)
    return (
      <div class="live">
        <p class="faint">It has begun, and tells how far it is in a moment.</p>
      </div>
    );
  const { done, total, leftMs, failed, perMinute, inFlight, waiting, backingOff, reused } = live;
  const others = [
    waiting > 0 ? `${count(waiting)} wait for their turn` : "",
    backingOff > 0 ? `${count(backingOff)} to be sent again` : "",
  ].filter((words) => words !== "");
  return (
    <div class="live" aria-label="How far it is">
      <progress {...(total === undefined ? {} : { value: done, max: Math.max(total, 1) })} />
      <div class="figures">
        <Figure
          name={total === undefined ? "rows" : `of ${counted(total, "row")}`}
          more={reused > 0 ? `${count(reused)} answered before` : ""}
        >
          {count(done)}
        </Figure>
        <Figure name="left" more={live.isStopping ? "stopping: waits for what is in flight" : ""}>
          {leftMs === undefined ? "–" : duration(leftMs)}
        </Figure>
        <Figure name="rows a minute">{count(perMinute)}</Figure>
        <Figure name="in flight" more={others.join(", ")}>
          {count(inFlight)}
        </Figure>
        <Spending live={live} />
        {live.limits.slice(0, MOST_LIMITS).map(({ name, use }) => (
          <Figure key={name} name={`of ${name}`} meter={use}>
            {Math.round(use * 100)} %
          </Figure>
        ))}
        <Figure name="failed" tone={failed > 0 ? "bad" : ""}>
          {count(failed)}
        </Figure>
      </div>
      <p class="codes">
        <Codes title="requests without an answer" counts={live.unanswered} />
        <Codes title="answers that cannot be used" counts={live.unusable} />
        {live.steps.map(({ name, done: through, failed: lost }) => (
          <span key={name}>
            <b>{visible(name)}</b> {counted(through, "row")}
            {lost > 0 ? `, ${count(lost)} failed` : ""}
          </span>
        ))}
      </p>
      <p class="waits" role="status">
        {waitOf(live)}
      </p>
    </div>
  );
}

const MOST_LIMITS = 3;

interface FigureProps {
  readonly name: string;
  readonly children: ComponentChildren;
  readonly more?: string;
  readonly tone?: string;
  /** A part of a whole that is drawn. */
  readonly meter?: number | undefined;
}

function Figure({ name, children, more = "", tone = "", meter }: FigureProps): JSX.Element {
  return (
    <div class="figure">
      <b class={tone}>{children}</b> <span>{name}</span>
      {meter === undefined ? null : <meter value={meter} max={1} high={0.9} />}
      <small>{more}</small>
    </div>
  );
}

function Codes(props: { readonly title: string; readonly counts: readonly CodeCount[] }): JSX.Element {
  return (
    <>
      {props.counts.map(({ code, count: times }) => (
        <span key={code} title={props.title}>
          <b class="bad">{visible(code)}</b> {count(times)} <small>{props.title}</small>
        </span>
      ))}
    </>
  );
}

/** What it has cost, of what it may cost: in dollars where prices are known, and else in tokens. */
function Spending({ live }: { readonly live: LiveRun }): JSX.Element {
  const { cost, tokens, requests, budget } = live;
  const { maxCost, maxTokens, maxRequests } = budget;
  const uses: readonly (readonly [number, number | undefined])[] = [
    [cost ?? 0, maxCost],
    [tokens, maxTokens],
    [requests, maxRequests],
  ];
  const used = uses.flatMap(([spent, most]) => (most === undefined ? [] : [spent / most]));
  const more = [
    cost === undefined
      ? ""
      : `${short(tokens)}${maxTokens === undefined ? "" : ` of ${short(maxTokens)}`} tokens`,
    maxRequests === undefined ? "" : `${count(requests)} of ${counted(maxRequests, "request")}`,
  ].filter((words) => words !== "");
  return cost === undefined ? (
    <Figure
      name={maxTokens === undefined ? "tokens" : `of ${short(maxTokens)} tokens`}
      more={more.join(", ")}
      meter={meterOf(used)}
    >
      {short(tokens)}
    </Figure>
  ) : (
    <Figure
      name={maxCost === undefined ? "spent" : `of ${dollars(maxCost)}`}
      more={more.join(", ")}
      meter={meterOf(used)}
    >
      {dollars(cost) || "$0"}
    </Figure>
  );
}

function meterOf(used: readonly number[]): number | undefined {
  return used.length === 0 ? undefined : Math.max(...used);
}

function waitOf({ toldAt, waits }: LiveRun): string {
  const silentMs = Date.now() - toldAt;
  if (silentMs > LONG_MS)
    return `Its process has told nothing for ${duration(silentMs)}: it is suspended, very busy, or its disk is full`;
  return waits.map((words) => visible(words)).join(" · ");
}
