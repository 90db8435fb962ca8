import type { Call } from "@parallel-parrot/providers";
import type { Answer } from "../request/exchange.ts";
import type { RoutedRequest } from "../request/routed-request.ts";
import { isAlike, type SplitPrompt } from "./group-prompt.ts";

/** The most characters that the rows of one request have of their own. A row with more is asked alone. */
export const MAX_CHARACTERS = 32_000;

/** A row in a group. */
export interface Member {
  /** What finds its answer in the journal. */
  readonly routed: RoutedRequest;
  readonly text: string;
  /** Gets its answer; `undefined` where it is to be asked alone. */
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Rows that ask the same of different texts, and wait until they are enough for a request. */
export class RowGroup {
  readonly members: Member[] = [];
  readonly shared: SplitPrompt;
  readonly #call: Call;
  readonly #most: number;
  #characters = 0;

  constructor(call: Call, shared: SplitPrompt, most: number) {
    this.#call = call;
    this.shared = shared;
    this.#most = most;
  }

  get isFull(): boolean {
    return this.members.length >= this.#most;
  }

  /** Whether a row asks the same, and there is room for its text. */
  admits(call: Call, prompt: SplitPrompt): boolean {
    return (
      call.params === this.#call.params &&
      this.#characters + prompt.text.length <= MAX_CHARACTERS &&
      isAlike(prompt, this.shared)
    );
  }

  add(member: Member): void {
    this.members.push(member);
    this.#characters += member.text.length;
  }

  /** The parameters of the request: the caps of the answers together are the cap of the response. */
  get params(): Call["params"] {
    const { params } = this.#call;
    const { maxTokens } = params;
    return maxTokens === undefined ? params : { ...params, maxTokens: maxTokens * this.members.length };
  }
}
