import { jobFlag } from "../flag.ts";
import { choice, TEXTS } from "../kinds/kind.ts";

/** Which models are asked side by side: options of `text`, `columns` and `data`. */
export const COMPARE_FLAGS = {
  compare: jobFlag({
    flag: "--compare <provider/model>",
    kind: TEXTS,
    default: [],
    help: "ask this model too, side by side with --model; may be repeated. A second --model does the same",
    readme:
      "ask this model too, side by side with `--model`; may be repeated. A second `--model` does the same; see [several models](#several-models-side-by-side)",
    readmeDefault: "one model is asked",
    libraryNames: [],
    pipeline: undefined,
    identity: {
      of: "asking",
      place: 163,
      later: (models) => (models.length === 0 ? undefined : `compare ${JSON.stringify(models)}`),
    },
    change: { words: "--compare", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
  compareAs: jobFlag({
    flag: "--compare-as <form>",
    kind: choice("columns", "rows"),
    default: undefined,
    help: "answers of several models: a column for each (output@gpt-4.1), or a row for each with its model in a column",
    without: "columns; for lists and with --n rows",
    readme:
      "answers of several models: a column for each, such as `output@gpt-4.1`, or a row for each with a column `model`",
    libraryNames: [],
    pipeline: undefined,
    identity: { of: "product", place: 164, later: (form) => `compare as ${form}` },
    change: { words: "--compare-as", showsValues: true },
    takenBy: undefined,
    isAuthority: false,
  }),
};
