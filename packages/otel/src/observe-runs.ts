import { metrics, trace, type MeterProvider, type TracerProvider } from "@opentelemetry/api";
import { subscribe } from "@parallel-parrot/transport";
import { Conventions } from "./conventions.ts";
import { RowSpans } from "./row-spans.ts";
import { RunMetrics } from "./run-metrics.ts";

/** Options of {@linkcode observeRuns}. */
export interface ObserveOptions {
  /**
   * Whether prompts and answers are attributes of the spans. @default what the environment says by
   * `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`; no, where it says nothing
   */
  readonly content?: boolean;
  /** @default that of the process */
  readonly tracerProvider?: TracerProvider;
  /** @default that of the process */
  readonly meterProvider?: MeterProvider;
  /** Where the variables of the conventions are looked up. @default `process.env` */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The name of our tracer and meter, by which processors can pick what is ours. */
const SCOPE = "@parallel-parrot/otel";

/**
 * Makes spans and metrics of all runs in this process, by the conventions of OpenTelemetry for generative AI. Spans of
 * HTTP requests are children of ours, where undici is instrumented.
 *
 * @returns a function that ends it
 */
export function observeRuns(options: ObserveOptions = {}): () => void {
  const { environment = process.env, tracerProvider = trace, meterProvider = metrics } = options;
  const said = environment["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"]?.toLowerCase();
  const { content = said === "true" } = options;
  const conventions = Conventions.of(environment);
  const spans = new RowSpans({ tracer: tracerProvider.getTracer(SCOPE), conventions, content });
  const measures = new RunMetrics(meterProvider.getMeter(SCOPE), conventions);
  const ends = [
    subscribe("row:start", (event) => spans.startRow(event)),
    subscribe("row:end", (event) => {
      spans.endRow(event);
      measures.rowEnded(event);
    }),
    subscribe("attempt:start", (event) => {
      spans.startAttempt(event);
      measures.attemptStarted(event);
    }),
    subscribe("attempt:end", (event) => {
      spans.endAttempt(event);
      measures.attemptEnded(event);
    }),
    subscribe("wait", (event) => {
      const { rows, reason, durationMs } = event;
      spans.note(rows, "wait", {
        "parallel_parrot.reason": reason,
        "parallel_parrot.duration_ms": durationMs,
      });
      measures.waited(event);
    }),
    subscribe("reask", ({ row, number, problem }) => {
      // The words of a problem may quote the answer.
      const words = content ? { "parallel_parrot.problem": problem } : {};
      spans.note([row], "reask", { "parallel_parrot.number": number, ...words });
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
