import { ParrotError, stringifyJson } from "@parallel-parrot/core";
import { placeOfText } from "../place-of-text.ts";
import { fileSet, type FileSet } from "./file-set.ts";
import { FINETUNE_FORMS, type FinetuneForm, type TrainingExample } from "./finetune-form.ts";
import type { FinetuneNames } from "./finetune-names.ts";

/** One file of examples. */
export interface FinetuneFile {
  readonly path: string;
  readonly examples: number;
  readonly tokens: number;
}

/** How examples are shared out over files. */
interface ExampleFilesOptions {
  readonly form?: FinetuneForm;
  readonly rejected?: string;
  readonly maxTokensPerFile?: number;
  readonly validation?: number;
  readonly overwrite?: boolean;
}

/** Writes examples into the files of a set. */
export class ExampleFiles {
  readonly files: FinetuneFile[] = [];
  validation: FinetuneFile | undefined;
  readonly #names: FinetuneNames;
  readonly #line: (example: TrainingExample) => unknown;
  readonly #maxTokens: number;
  readonly #share: number;
  readonly #output: FileSet;

  /** @throws ParrotError `INVALID_OPTION` where the vendor does not learn from rejected answers */
  constructor(
    names: FinetuneNames,
    {
      form = "openai",
      rejected,
      maxTokensPerFile = Infinity,
      validation = 0,
      overwrite = false,
    }: ExampleFilesOptions,
  ) {
    const { chat, preference } = FINETUNE_FORMS[form];
    const line = rejected === undefined ? chat : preference;
    if (line === undefined)
      throw new ParrotError(
        "INVALID_OPTION",
        `Cannot write fine-tuning examples: the form ${form} has none for rejected answers; choose another form, or leave the column out`,
        { option: "rejected" },
      );
    this.#names = names;
    this.#line = line;
    this.#maxTokens = maxTokensPerFile;
    this.#share = validation;
    this.#output = fileSet(overwrite);
  }

  async write(example: TrainingExample, tokens: number): Promise<void> {
    const text = `${stringifyJson(this.#line(example)) ?? ""}\n`;
    if (isForValidation(example, this.#share)) {
      if (this.validation === undefined) await this.#output.next("validation", this.#names.validation);
      this.validation = withExample(this.validation, this.#names.validation, tokens);
      await this.#output.write("validation", text);
      return;
    }
    const last = this.files.at(-1);
    if (last === undefined || last.tokens + tokens > this.#maxTokens) {
      const path = this.#names.at(this.files.length + 1);
      await this.#output.next("training", path);
      this.files.push(withExample(undefined, path, tokens));
    } else this.files[this.files.length - 1] = withExample(last, last.path, tokens);
    await this.#output.write("training", text);
  }

  commit(): Promise<void> {
    return this.#output.commit();
  }

  abort(reason: unknown): Promise<void> {
    return this.#output.abort(reason);
  }
}

function withExample(file: FinetuneFile | undefined, path: string, tokens: number): FinetuneFile {
  return { path, examples: (file?.examples ?? 0) + 1, tokens: (file?.tokens ?? 0) + tokens };
}

/** Whether an example is among those to validate with: by what comes before its answer, the same in each run. */
function isForValidation({ before }: TrainingExample, share: number): boolean {
  return share > 0 && placeOfText(stringifyJson(before) ?? "") < share;
}
