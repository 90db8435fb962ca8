import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import type { EventOf, EventRow } from "@parallel-parrot/transport";
import { inputMessages, outputMessages, systemInstructions } from "./content.ts";
import { providerName, type AttributeValues, type Conventions, type Meanings } from "./conventions.ts";

/** Options of {@linkcode RowSpans}. */
export interface RowSpansOptions {
  readonly tracer: Tracer;
  readonly conventions: Conventions;
  /** Whether prompts and answers are attributes. */
  readonly content: boolean;
}

interface OpenRow {
  readonly span: Span;
  /** What was active when the row was taken up. */
  readonly parent: Context;
  readonly context: Context;
  hasCall: boolean;
}

/** Makes a span of each row, from when it is taken up to its answer, and within it one of each request. */
export class RowSpans {
  readonly #tracer: Tracer;
  readonly #conventions: Conventions;
  readonly #content: boolean;
  readonly #rows = new WeakMap<EventRow, OpenRow>();
  /** The spans of the requests that are on their way, by row and number. */
  readonly #attempts = new WeakMap<EventRow, Map<number, Span>>();

  constructor({ tracer, conventions, content }: RowSpansOptions) {
    this.#tracer = tracer;
    this.#conventions = conventions;
    this.#content = content;
  }

  startRow({ row, run }: EventOf<"row:start">): void {
    const parent = context.active();
    const span = this.#tracer.startSpan(
      `chat ${run.model}`,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          ...this.#conventions.named({
            operation: "chat",
            provider: providerName(run.provider),
            system: providerName(run.provider),
            requestModel: run.model,
          }),
          ...(row.index !== undefined && { "parallel_parrot.row.index": row.index }),
        },
      },
      parent,
    );
    this.#rows.set(row, { span, parent, context: trace.setSpan(parent, span), hasCall: false });
  }

  endRow({ row, completion, code, message }: EventOf<"row:end">): void {
    const open = this.#rows.get(row);
    if (open === undefined) return;
    this.#rows.delete(row);
    const { span } = open;
    const { usage } = row;
    span.setAttributes({
      ...this.#conventions.named({
        responseModel: completion?.model,
        finishReasons: completion?.choices.map(({ finishReason }) => finishReason),
        inputTokens: usage.inputTokens,
        outputTokens: usage.outputTokens,
        cacheReadTokens: usage.cachedInputTokens === 0 ? undefined : usage.cachedInputTokens,
        cacheWriteTokens: usage.cacheWriteTokens,
        reasoningTokens: usage.reasoningTokens === 0 ? undefined : usage.reasoningTokens,
        outputMessages:
          this.#content && completion !== undefined ? outputMessages(completion.choices) : undefined,
      }),
      "parallel_parrot.row.attempts": row.attempts,
      "parallel_parrot.row.attempts_before": row.attemptsBefore,
    });
    if (code !== undefined) this.#fail(span, code, message);
    span.end();
  }

  startAttempt(event: EventOf<"attempt:start">): void {
    const { row, rows, provider, model, baseUrl, attempt, call } = event;
    const open = this.#rows.get(row);
    if (open !== undefined && !open.hasCall) {
      open.hasCall = true;
      open.span.setAttributes(this.#askedBy(call));
    }
    // A request for several rows is a child of none of their spans. It stands beside them, and names them.
    const together = rows.length < 2 ? [] : rows.flatMap((each) => this.#rows.get(each) ?? []);
    const parent = open?.context ?? together[0]?.parent ?? context.active();
    const span = this.#tracer.startSpan(
      `attempt ${model}`,
      {
        attributes: {
          ...this.#conventions.named({ provider: providerName(provider), requestModel: model }),
          ...addressOf(baseUrl),
          "parallel_parrot.attempt.number": attempt,
          ...(together.length > 0 && {
            ...this.#askedBy(call),
            "parallel_parrot.attempt.rows": rows.length,
          }),
        },
        links: together.map((each) => ({ context: each.span.spanContext() })),
      },
      parent,
    );
    const ofRow = this.#attempts.get(row) ?? new Map<number, Span>();
    this.#attempts.set(row, ofRow.set(attempt, span));
    const within = trace.setSpan(parent, span);
    event.sendWithin((send) => context.with(within, send));
  }

  endAttempt({ row, attempt, outcome, code, message, status, cost }: EventOf<"attempt:end">): void {
    const span = this.#attempts.get(row)?.get(attempt);
    if (span === undefined) return;
    this.#attempts.get(row)?.delete(attempt);
    span.setAttributes({
      "parallel_parrot.attempt.outcome": outcome,
      ...(status !== undefined && { "http.response.status_code": status }),
      ...(cost !== undefined && { "parallel_parrot.cost": cost }),
    });
    if (outcome !== "answered") this.#fail(span, code ?? outcome, message);
    span.end();
  }

  /** Notes something that happens to rows, at the time at which it is told. */
  note(rows: readonly EventRow[], name: string, attributes: AttributeValues): void {
    for (const row of rows) this.#rows.get(row)?.span.addEvent(name, attributes);
  }

  #fail(span: Span, code: string, message: string | undefined): void {
    span.setAttribute("error.type", code);
    // Servers and parsers quote the prompt and the answer in what they say.
    const words = this.#content && message !== undefined ? { message } : {};
    span.setStatus({ code: SpanStatusCode.ERROR, ...words });
  }

  /**
   * What a request asks, as attributes of its row: all requests of a row ask the same, but for corrections. They are the
   * request's own where it asks for several rows.
   */
  #askedBy({ prompt, params, shape, n }: EventOf<"attempt:start">["call"]): AttributeValues {
    const content: Meanings = this.#content
      ? {
          inputMessages: inputMessages(prompt.messages),
          systemInstructions: systemInstructions(prompt.messages),
        }
      : {};
    return this.#conventions.named({
      ...content,
      outputType: shape.type === "text" ? "text" : "json",
      maxTokens: params.maxTokens,
      temperature: params.temperature,
      topP: params.topP,
      seed: params.seed,
      stop: params.stop,
      frequencyPenalty: params.frequencyPenalty,
      presencePenalty: params.presencePenalty,
      choiceCount: n === 1 ? undefined : n,
    });
  }
}

function addressOf(baseUrl: string | undefined): AttributeValues {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return {};
  const { hostname, port, protocol } = new URL(baseUrl);
  const usual = protocol === "https:" ? 443 : 80;
  return { "server.address": hostname, "server.port": port === "" ? usual : Number(port) };
}
