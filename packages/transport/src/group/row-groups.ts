import { isParrotError, type GroupedOutput } from "@parallel-parrot/core";
import { policyOf } from "../errors/error-policy.ts";
import type { RejectionError } from "../errors/rejection-error.ts";
import { isFinal, isRowsOwn } from "../errors/verdict.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Answer } from "../request/exchange.ts";
import { RoutedRequest } from "../request/routed-request.ts";
import { RowContext } from "../request/row-context.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import { sendWithRetries } from "../row/send-with-retries.ts";
import { orAbort } from "../waiting/or-abort.ts";
import type { Signals } from "../waiting/signals.ts";
import { createIds } from "./create-ids.ts";
import type { AloneReason, GroupProgress } from "./group-progress.ts";
import { groupPrompt, type SplitPrompt } from "./group-prompt.ts";
import { GroupSize } from "./group-size.ts";
import { answerOf, bodyOf, type GroupedOutcome } from "./kept-answer.ts";
import { MAX_CHARACTERS, RowGroup, type Member } from "./row-group.ts";
import { shareUsage } from "./share-usage.ts";

/** How long the first row of a group waits for others: rows of a file come at once. */
const MAX_WAIT_MS = 20;
/** The most groups that wait at once for rows that ask the same. */
const MAX_OPEN = 16;

/** Gathers rows that ask the same of different texts, and has each group of them answered by one request. */
export class RowGroups {
  readonly #sender: RequestSender;
  readonly #output: GroupedOutput;
  readonly #maxAttempts: number;
  readonly #size: GroupSize;
  /** The groups that wait for more rows, the oldest first, with what ends their wait. */
  readonly #open = new Map<RowGroup, () => void>();
  #requests = 0;
  #answered = 0;
  #foreign = 0;
  readonly #alone: Record<AloneReason, number> = {
    missing: 0,
    doubled: 0,
    cutOff: 0,
    refused: 0,
    overBudget: 0,
  };

  constructor(
    sender: RequestSender,
    output: GroupedOutput,
    options: Pick<ResolvedOptions, "rowsPerRequest" | "maxAttempts" | "price">,
  ) {
    this.#sender = sender;
    this.#output = output;
    this.#maxAttempts = options.maxAttempts;
    this.#size = new GroupSize(options.rowsPerRequest, options.price);
  }

  get progress(): GroupProgress {
    return {
      requests: this.#requests,
      answered: this.#answered,
      alone: { ...this.#alone },
      foreign: this.#foreign,
      most: this.#size.most,
    };
  }

  /**
   * Asks for a row beside others; `undefined` where it is to be asked alone.
   *
   * @param signals those of the run, as a group does not end with one of its rows
   * @param end ends the wait of this row
   */
  async ask(
    routed: RoutedRequest,
    prompt: SplitPrompt,
    signals: Signals,
    end: AbortSignal,
  ): Promise<Answer | undefined> {
    const { call } = routed;
    const most = this.#size.mostWith(call.params);
    if (most < 2 || prompt.text.length > MAX_CHARACTERS) return undefined;
    const group =
      Array.from(this.#open.keys()).find((each) => each.admits(call, prompt)) ??
      this.#begin(new RowGroup(call, prompt, most), signals);
    const { promise, resolve, reject } = Promise.withResolvers<Answer | undefined>();
    group.add({ routed, text: prompt.text, resolve, reject });
    if (group.isFull) this.#depart(group, signals);
    return orAbort(promise, end);
  }

  #begin(group: RowGroup, signals: Signals): RowGroup {
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= MAX_OPEN) this.#depart(oldest, signals);
    this.#open.set(
      group,
      this.#sender.clock.after(MAX_WAIT_MS, () => this.#depart(group, signals)),
    );
    return group;
  }

  #depart(group: RowGroup, signals: Signals): void {
    this.#open.get(group)?.();
    this.#open.delete(group);
    const [first, ...others] = group.members;
    if (others.length === 0) first?.resolve(undefined);
    else void this.#answer(group, signals);
  }

  /** Has a group answered. What stops the run comes to all of its rows. */
  async #answer(group: RowGroup, signals: Signals): Promise<void> {
    const { members } = group;
    try {
      const startedAt = performance.now();
      const { routed, ids } = this.#requestOf(group);
      const outcomes = await this.#outcomesOf(routed, ids, signals);
      await settle(members, outcomes, { routed, durationMs: performance.now() - startedAt });
      for (const [at, { resolve }] of members.entries()) {
        const outcome = outcomes[at];
        resolve(typeof outcome === "object" && "choices" in outcome ? outcome : undefined);
      }
    } catch (error) {
      for (const { reject } of members) reject(error);
    }
  }

  #requestOf({ members, shared, params }: RowGroup): { routed: RoutedRequest; ids: readonly string[] } {
    const texts = members.map(({ text }) => text);
    const ids = createIds(texts.length, [
      ...texts,
      shared.beginning,
      ...shared.before.map(({ content }) => content),
    ]);
    const prompt = groupPrompt(
      shared,
      texts.map((text, at) => ({ id: ids[at] ?? "", text })),
    );
    const rows = members.map(({ routed }) => routed.row);
    // A row of its own, which is none of the run's: what it takes is shared among the members.
    const row = new RowContext(this.#maxAttempts, {
      members: rows,
      leaveQueue: () => rows.forEach(({ leaveQueue }) => leaveQueue?.()),
    });
    row.startDeadline = () => rows.forEach(({ startDeadline }) => startDeadline?.());
    return { routed: new RoutedRequest({ prompt, params, shape: this.#output.shape, n: 1 }, 0, row), ids };
  }

  /** What a group's request has for each of its rows. Throws what stops the run. */
  async #outcomesOf(
    routed: RoutedRequest,
    ids: readonly string[],
    signals: Signals,
  ): Promise<readonly MemberOutcome[]> {
    try {
      const answer = await sendWithRetries(this.#sender, routed, signals);
      return this.#read(answer, ids);
    } catch (error) {
      if (isParrotError(error) && error.code === "BUDGET_EXHAUSTED") return this.#splitUp(ids.length);
      if (!isRowsOwn(error)) throw error;
      return this.#refuse(error, ids.length);
    } finally {
      if (routed.row.attempts > 0) this.#requests += 1;
    }
  }

  /** Only an id that was given out, and is there once, says whose answer it is. */
  #read({ choices: [choice], model }: Answer, ids: readonly string[]): readonly MemberOutcome[] {
    const texts = new Map<string, string[]>(ids.map((id) => [id, []]));
    for (const { id, text } of choice === undefined ? [] : this.#output.read(choice)) {
      const own = texts.get(id);
      if (own === undefined) this.#foreign += 1;
      else own.push(text);
    }
    const isCutOff = choice?.finishReason === "length";
    const outcomes = Array.from(texts.values(), ([text, ...others]): GroupedOutcome => {
      if (text === undefined) return isCutOff ? "cutOff" : "missing";
      return others.length > 0 ? "doubled" : { choices: [{ text, finishReason: "stop" }], model };
    });
    const answered = outcomes.filter((outcome) => typeof outcome !== "string").length;
    this.#answered += answered;
    for (const outcome of outcomes) if (typeof outcome === "string") this.#alone[outcome] += 1;
    if (isCutOff) this.#size.wasTooLong(ids.length);
    this.#size.ended(answered);
    return outcomes;
  }

  /** A refusal of all says nothing of any: each is asked alone. */
  #refuse({ rejection }: RejectionError, rows: number): readonly MemberOutcome[] {
    this.#alone.refused += rows;
    if (policyOf(rejection.code).comesOfLength === true) this.#size.wasTooLong(rows);
    if (isFinal(rejection)) this.#size.ended(0);
    return Array.from({ length: rows }, () => (isFinal(rejection) ? "refused" : "passing"));
  }

  /** What is left of a budget may do for one row, where it does not for all. If not, the row says that it is used up. */
  #splitUp(rows: number): readonly MemberOutcome[] {
    this.#alone.overBudget += rows;
    return Array.from({ length: rows }, () => "passing");
  }
}

/** `passing` is a refusal that need not come again: the journal is told only what was paid for it. */
type MemberOutcome = GroupedOutcome | "passing";

/** Gives each row its share of what the request took, and keeps what came of it; resolves when that is durable. */
async function settle(
  members: readonly Member[],
  outcomes: readonly MemberOutcome[],
  { routed: { row, sentTo }, durationMs }: { readonly routed: RoutedRequest; readonly durationMs: number },
): Promise<void> {
  const usages = shareUsage(row.usage, {
    input: members.map(({ text }) => text.length),
    output: outcomes.map((outcome) =>
      typeof outcome === "string" ? 0 : (outcome.choices[0]?.text.length ?? 0),
    ),
  });
  const isPaid = row.usage.inputTokens + row.usage.outputTokens > 0;
  const kept = members.flatMap(({ routed }, at) => {
    const [usage, outcome] = [usages[at], outcomes[at]];
    if (usage === undefined || outcome === undefined) return [];
    routed.row.attempts += row.attempts;
    routed.row.charge(usage);
    if (sentTo?.cache === undefined || (outcome === "passing" && !isPaid)) return [];
    const told = outcome === "passing" ? "refused" : outcome;
    const response = { status: 200, body: bodyOf(told) };
    const paid = { response, answer: answerOf(told), usage, durationMs };
    return sentTo.cache.keep(paid, routed.buildFor(sentTo), routed) ?? [];
  });
  await Promise.all(kept);
}
