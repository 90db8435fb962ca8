import { inGroup } from "../flag-group.ts";
import { COMPARE_FLAGS } from "./compare-flags.ts";
import { MODEL_FLAGS } from "./model-flags.ts";
import { CHOICE_FLAGS } from "./choice-flags.ts";
import { PARAMETER_FLAGS } from "./parameter-flags.ts";
import { PROMPT_FLAGS } from "./prompt-flags.ts";
import { REQUEST_FLAGS } from "./request-flags.ts";

/** Whom to ask, what, and with which parameters: options of `text`, `columns` and `data`, in the order of their help. */
export const ASKING_FLAGS = inGroup("Whom to ask, and what", {
  ...PROMPT_FLAGS,
  ...MODEL_FLAGS,
  ...COMPARE_FLAGS,
  ...CHOICE_FLAGS,
  ...PARAMETER_FLAGS,
  ...REQUEST_FLAGS,
});
