import type { FinishWords } from "../answer-parts.ts";
import type { Usage } from "../usage.ts";

/** What a server that speaks Chat Completions does differently from OpenAI. */
export interface ChatStyle {
  readonly name: string;
  /** The path of the API on its host, such as `/openai/v1`. */
  readonly basePath: string;
  /** Parameters that it accepts besides OpenAI's, as names with spaces between them. @default none */
  readonly ownParams?: string;
  /** Parameters of OpenAI's that it does not know, in the same form. @default none */
  readonly unknownParams?: string;
  /** What it does with parameters that it does not know. @default "refuse" */
  readonly onUnknown?: "refuse" | "drop";
  /** The most choices of one request. @default 128 */
  readonly maxChoices?: number;
  /** Whether a strict schema may only have what OpenAI accepts. @default true */
  readonly isStrict?: boolean;
  readonly finishWords?: Partial<FinishWords>;
  readonly writeUsage?: (usage: Usage) => object;
}
