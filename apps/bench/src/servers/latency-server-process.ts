/** A process that answers every request with the fixed answer, after a while. Its options: {@linkcode LatencyOptions}. */
import { ANSWER_BODY } from "../answer.ts";
import { lognormalOf } from "./lognormal-of.ts";
import type { LatencyOptions } from "./latency-options.ts";
import { responseOf, servePlainly } from "./plain-server.ts";

const { latency, toldLimit }: LatencyOptions = JSON.parse(process.argv[2] ?? "");
const ANSWER = responseOf(
  "200 OK",
  ANSWER_BODY,
  toldLimit === undefined
    ? []
    : [`x-ratelimit-limit-requests: ${toldLimit}`, `x-ratelimit-remaining-requests: ${toldLimit - 1}`],
);

let served = 0;
let inFlight = 0;
let peakInFlight = 0;
let held: (() => void)[] = [];
let working = 0;

function delay(body: string, answer: () => void): void {
  if (latency.kind === "fixed") {
    setTimeout(answer, latency.ms);
  } else if (latency.kind === "lognormal") {
    const row = Number(/as JSON: (\d+):/.exec(body)?.[1] ?? 0);
    setTimeout(answer, lognormalOf(row, latency));
  } else if (latency.kind === "slots") {
    held.push(answer);
    fillSlots(latency);
  } else if (served === 0) {
    // The client's first request goes alone.
    answer();
  } else {
    held.push(answer);
    if (held.length >= latency.requests) release();
    else if (held.length === 1) setTimeout(release, latency.atMostMs);
  }
}

function fillSlots(latency: { readonly slots: number; readonly ms: number }): void {
  if (working >= latency.slots) return;
  const answer = held.shift();
  if (answer === undefined) return;
  working += 1;
  setTimeout(() => {
    working -= 1;
    answer();
    fillSlots(latency);
  }, latency.ms);
}

function release(): void {
  const answers = held;
  held = [];
  for (const answer of answers) answer();
}

servePlainly(({ body }, respond) => {
  inFlight += 1;
  peakInFlight = Math.max(peakInFlight, inFlight);
  delay(body, () => {
    inFlight -= 1;
    served += 1;
    respond(ANSWER);
  });
});
process.on("message", () => process.send?.({ served, peakInFlight }));
