import { addUsage, NO_USAGE, ParrotError, type Row } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Clock } from "@parallel-parrot/limiter";
import type { Provider } from "@parallel-parrot/providers";
import { isModelByRow, type RowModel } from "../by-row/model-by-row.ts";
import { WayChoice } from "../by-row/way-choice.ts";
import type { Budget } from "../budget/budget.ts";
import { bookPaid, budgetOf } from "../budget/spend-tracker.ts";
import type { ResolvedOptions } from "../options.ts";
import { sumOfGroups } from "../group/group-progress.ts";
import type { CompletionProgress, ModelProgress } from "../progress.ts";
import { addErrors } from "../request/attempt-tally.ts";
import type { RowContext } from "../request/row-context.ts";
import { Canary } from "../routing/canary.ts";
import { createSender } from "../routing/create-sender.ts";
import type { SenderProgress } from "../routing/request-sender.ts";
import { wayOf, type Way } from "../row/way.ts";
import { inOrder } from "../run-wait.ts";
import { AnswerTimer } from "../waiting/answer-times.ts";
import { FirstRefusal } from "./first-refusal.ts";

/** A way in which a run asks: to one model, with what lets its first row go alone. */
export interface RunWay extends Way {
  readonly canary: Canary;
  readonly firstRefusal: FirstRefusal;
}

/** The part of a run's progress that its ways know. */
type WaysProgress = SenderProgress & Pick<CompletionProgress, "models" | "groups">;

/** The ways in which one run asks: a single one, or one for each model that rows choose. They share the budget. */
export class RunWays {
  readonly #choice: WayChoice<RunWay>;
  readonly #isByRow: boolean;
  /** The budget that was made for this run alone. */
  readonly #ownBudget: Budget | undefined;

  /** @param setAside lets others go while a row waits for them */
  constructor(provider: Provider, options: ResolvedOptions, setAside: () => () => void) {
    if (isModelByRow(provider)) refusePriceOfAll(options);
    const budget = budgetOf(options);
    this.#ownBudget = budget === options.budget ? undefined : budget;
    const shared: ResolvedOptions = { ...options, ...(budget === undefined ? {} : { budget }) };
    this.#choice = new WayChoice(provider, (model) => openWay(model, shared, setAside));
    this.#isByRow = isModelByRow(provider);
  }

  get all(): readonly RunWay[] {
    return this.#choice.all;
  }

  get clock(): Clock {
    return this.#choice.any.sender.clock;
  }

  /** The way in which a row is asked. @throws RejectionError with the code `INVALID_PARAMETER` */
  of(row: Row): RunWay {
    return this.#choice.of(row);
  }

  /** What the row decides itself of how it is asked, as a text; empty where it decides nothing that can be used. */
  ownOf(row: Row): string {
    try {
      return this.#choice.ownOf(row);
    } catch {
      // The row fails when it is asked, with the reason.
      return "";
    }
  }

  /** Takes out of the run's own budget what the run had paid before; one that is shared may have counted that already. */
  async open({ paidBefore }: JournalRun): Promise<void> {
    if (this.#ownBudget !== undefined) await bookPaid(this.#ownBudget, paidBefore);
  }

  progress(): WaysProgress {
    const parts = this.all.map(({ sender, params }) => sender.progress(params.own));
    const [first] = parts;
    const models = this.#isByRow ? this.#modelProgress() : [];
    const groups = sumOfGroups(this.all.flatMap(({ grouped }) => grouped?.progress ?? []));
    return { ...(first !== undefined && parts.length === 1 ? first : sum(parts)), models, groups };
  }

  #modelProgress(): readonly ModelProgress[] {
    return Array.from(this.#choice.byName, ([name, { provider, sender }]) => {
      const { usage, cost, amendments, limits, inFlight } = sender.progress();
      return {
        name,
        provider: provider.name,
        model: provider.model,
        usage,
        cost,
        limits,
        amendments,
        inFlight,
        answerTimes: AnswerTimer.timesOf(sender.endpoints.map(({ answerTimer }) => answerTimer)),
      };
    });
  }
}

function openWay(
  { provider, ...own }: RowModel,
  options: ResolvedOptions,
  setAside: () => () => void,
): RunWay {
  const mine: ResolvedOptions = { ...options, ...own };
  const canary = new Canary(provider, mine);
  const sender = createSender(provider, mine, canary);
  const firstRefusal = new FirstRefusal({
    clock: sender.clock,
    hasAnswer: () => sender.hasAnswer,
    setAside: (row: RowContext) => {
      canary.standAside(row);
      return setAside();
    },
  });
  return { ...wayOf(provider, sender, mine), canary, firstRefusal };
}

function refusePriceOfAll({ price }: ResolvedOptions): void {
  if (price === undefined) return;
  throw new ParrotError(
    "INVALID_OPTION",
    "Cannot use the option price: each model that rows choose has a price of its own. Give it to the model: modelByRow({ name: { provider, price } }, …)",
    { option: "price" },
  );
}

/** The progress of several models as one. */
function sum(parts: readonly SenderProgress[]): SenderProgress {
  const total = (value: (part: SenderProgress) => number): number =>
    parts.reduce((so, part) => so + value(part), 0);
  const union = <T>(values: (part: SenderProgress) => readonly T[]): readonly T[] => [
    ...new Set(parts.flatMap(values)),
  ];
  return {
    inFlight: total(({ inFlight }) => inFlight),
    waiting: total(({ waiting }) => waiting),
    backingOff: total(({ backingOff }) => backingOff),
    lastFailure: parts.find(({ lastFailure }) => lastFailure !== undefined)?.lastFailure,
    retries: total(({ retries }) => retries),
    throttles: total(({ throttles }) => throttles),
    errors: addErrors(parts.map(({ errors }) => errors)),
    waits: inOrder(parts.flatMap(({ waits }) => waits)),
    isOutage: parts.some(({ isOutage }) => isOutage),
    usage: parts.reduce((so, { usage }) => addUsage(so, usage), NO_USAGE),
    usageIsEstimated: parts.some(({ usageIsEstimated }) => usageIsEstimated),
    lostAnswers: total(({ lostAnswers }) => lostAnswers),
    cost: costOf(parts),
    cacheSaving: costOf(parts) === undefined ? undefined : total(({ cacheSaving = 0 }) => cacheSaving),
    budget: parts[0]?.budget,
    limits: parts.flatMap(({ limits }) => limits),
    amendments: union(({ amendments }) => amendments),
    paramsNotSent: union(({ paramsNotSent }) => paramsNotSent),
    notices: union(({ notices }) => notices),
    members: parts.flatMap(({ members }) => members),
  };
}

/** In US dollars; `undefined` where the price of a model that was asked is not known. */
function costOf(parts: readonly SenderProgress[]): number | undefined {
  let sum = 0;
  for (const { usage, cost } of parts) {
    if (usage.requests === 0) continue;
    if (cost === undefined) return undefined;
    sum += cost;
  }
  return sum;
}
