import { isNotAsked } from "../errors/verdict.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Answer } from "../request/exchange.ts";
import { RoutedRequest } from "../request/routed-request.ts";
import type { RowContext } from "../request/row-context.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import type { CallOf } from "../row/call-of.ts";
import type { Conversation } from "../row/choice-sender.ts";
import type { Signals } from "../waiting/signals.ts";
import type { GroupProgress } from "./group-progress.ts";
import { splitPrompt } from "./group-prompt.ts";
import { RowGroups } from "./row-groups.ts";

/** The signals of a run, and those of one of its rows, which may have a time limit of its own. */
export interface GroupSignals {
  readonly ofRun: Signals;
  readonly ofRow: Signals;
}

/** Asks for rows several at a time: a row's first question, where that can be asked beside others. */
export class GroupedAsking {
  readonly #sender: RequestSender;
  readonly #callOf: CallOf;
  readonly #groups: RowGroups;

  constructor(sender: RequestSender, callOf: CallOf, groups: RowGroups) {
    this.#sender = sender;
    this.#callOf = callOf;
    this.#groups = groups;
  }

  get progress(): GroupProgress {
    return this.#groups.progress;
  }

  /**
   * Finds the answer to a row in the journal, or has it asked beside others. `undefined` where it is to be asked alone:
   * the first row of a run, a question that goes on after an answer, and what a group has brought nothing for.
   */
  async ask(
    { row: asking, prompt, firstReplicate, isTrial }: Conversation,
    row: RowContext,
    { ofRun, ofRow }: GroupSignals,
  ): Promise<Answer | undefined> {
    if (firstReplicate > 0 || isTrial) return undefined;
    const call = this.#callOf(asking, prompt, 1);
    const split = splitPrompt(prompt);
    // A text that ends an answer would end the answers of all.
    if (split === undefined || (call.params.stop ?? []).length > 0) return undefined;
    const routed = new RoutedRequest(call, 0, row, { isGrouped: true });
    try {
      return await this.#sender.findOr(routed, ofRow, async () => {
        const found = this.#sender.cached(new RoutedRequest(call, 0, row));
        if (found !== undefined) return found;
        if (await this.#sender.goesAlone(routed, ofRow)) return undefined;
        return this.#groups.ask(routed, split, ofRun, ofRow.all);
      });
    } catch (error) {
      if (isNotAsked(error)) return undefined;
      throw error;
    }
  }
}

/** How rows of a run are asked several at a time; `undefined` where each is asked alone. */
export function createGroupedAsking(
  sender: RequestSender,
  callOf: CallOf,
  options: ResolvedOptions,
): GroupedAsking | undefined {
  const { rowsPerRequest, requestOutput, output } = options;
  const grouped = (requestOutput ?? output)?.grouped;
  if (rowsPerRequest === 1 || grouped === undefined) return undefined;
  return new GroupedAsking(sender, callOf, new RowGroups(sender, grouped, options));
}
