import { expectTypeOf } from "vitest";
import type { FINETUNE_FLAGS } from "./commands/finetune-flags.ts";
import { jobFlag, type ValuesOf } from "./flag.ts";
import type { ResumeFlags, RetryChange, RetryFlags } from "./go-on-flags.ts";
import { DECIMAL, TEXT } from "./kinds/kind.ts";
import type { GenerateDataOptions, GenerateTextOptions } from "./options.ts";

// With a default there is a value, without one there may be none, and one that has to be given is there.
expectTypeOf<GenerateTextOptions["maxWait"]>().toEqualTypeOf<number>();
expectTypeOf<GenerateTextOptions["temperature"]>().toEqualTypeOf<number | string | undefined>();
expectTypeOf<GenerateTextOptions["order"]>().toEqualTypeOf<"input" | "completion">();
expectTypeOf<GenerateTextOptions["journal"]>().toEqualTypeOf<string | false>();
expectTypeOf<GenerateDataOptions["keys"]>().toEqualTypeOf<readonly string[] | undefined>();
expectTypeOf<ValuesOf<typeof FINETUNE_FLAGS>["output"]>().toEqualTypeOf<string>();

// What goes on with a run takes what the rows say.
expectTypeOf<ResumeFlags["maxCost"]>().toEqualTypeOf<number | undefined>();
expectTypeOf<ResumeFlags["journal"]>().toEqualTypeOf<string>();
expectTypeOf<Extract<keyof ResumeFlags, "model" | "prompt" | "n">>().toBeNever();
expectTypeOf<Extract<keyof RetryFlags, "model" | "prompt" | "n">>().toEqualTypeOf<"model">();
expectTypeOf<keyof RetryChange>().toEqualTypeOf<
  | "baseUrl"
  | "keyFile"
  | "price"
  | "priceOf"
  | "model"
  | "maxTokens"
  | "temperature"
  | "topP"
  | "reasoningEffort"
  | "onContext"
  | "presencePenalty"
  | "frequencyPenalty"
>();

const row = {
  flag: "--top-k <count>",
  kind: DECIMAL,
  default: undefined,
  help: "the most likely tokens to choose from",
  libraryNames: [],
  pipeline: undefined,
  identity: undefined,
  change: undefined,
  takenBy: undefined,
} as const;

// @ts-expect-error A row without a column does not compile: whether a journal may decide it is missing.
jobFlag(row);
// @ts-expect-error Nor does one whose default is not of its kind.
jobFlag({ ...row, isAuthority: false, kind: TEXT, default: 1 });
// @ts-expect-error Nor one that says to the pipeline what that does not take.
jobFlag({ ...row, isAuthority: false, pipeline: (value) => ({ temperature: String(value) }) });
