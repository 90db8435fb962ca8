import type { FinishWords } from "../answer-parts.ts";
import type { Usage } from "../usage.ts";

/** What a server that speaks chat completions has of its own, where it is not as OpenAI. */
export interface ChatStyle {
  readonly name: string;
  /** Where the API starts on its host, such as `/openai/v1`. */
  readonly basePath: string;
  /** Parameters that it takes beside OpenAI's, in one text with spaces between. @default none */
  readonly ownParams?: string;
  /** Those of OpenAI's that it does not know, likewise. @default none */
  readonly unknownParams?: string;
  /** What it does with parameters that it does not know. @default "refuse" */
  readonly onUnknown?: "refuse" | "drop";
  /** The most choices of one request. @default 128 */
  readonly maxChoices?: number;
  /** Whether it takes of a strict schema what OpenAI takes, and no more. @default true */
  readonly isStrict?: boolean;
  readonly finishWords?: Partial<FinishWords>;
  readonly writeUsage?: (usage: Usage) => object;
}
