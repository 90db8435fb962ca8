/** The column of the model that a row is asked of, where several are compared. */
export const MODEL_COLUMN = "model";

/** The options that name models; the command line of a test may leave some out. */
export interface ModelOptions {
  readonly model?: string | undefined;
  readonly compare?: readonly string[];
}

/** The models that are compared, in their order; none where one is asked. */
export function comparedModels({ model = "", compare = [] }: ModelOptions): readonly string[] {
  return compare.length === 0 ? [] : [model, ...compare];
}

/** How many rows that are asked belong together: those of one row, of each model one. */
export function groupSize(options: ModelOptions): number {
  return Math.max(1, comparedModels(options).length);
}

/** The number by which a person knows a row that is asked: rows of one row, of each model one, have the same. */
export function numberOf(index: number, options: ModelOptions): number {
  return Math.floor(index / groupSize(options));
}

/** Short names: without the provider and the folders of a model, where that tells them apart. */
export function labelsOf(models: readonly string[]): readonly string[] {
  const short = models.map((model) => model.slice(model.lastIndexOf("/") + 1));
  return new Set(short).size === models.length ? short : models;
}
