import {
  aFunction,
  checkArgument,
  expecting,
  isObject,
  optionsOf,
  ParrotError,
  quote,
  type OptionCheck,
  type Row,
} from "@parallel-parrot/core";
import {
  PARAM_NAMES,
  type Capabilities,
  type ImageSource,
  type ParamName,
  type Provider,
} from "@parallel-parrot/providers";
import { invalidParameter } from "../errors/invalid-parameter.ts";
import { aLimiter, aPrice, aProvider, rateLimits } from "../option-checks.ts";
import { isPool, type PoolMember } from "../routing/pool/pool.ts";

/** One model that rows can choose, with what is known of it alone. */
export type RowModel = Omit<PoolMember, "name">;

/** Several models as one provider, of which each row chooses one; see {@linkcode modelByRow}. */
export interface ModelByRow extends Provider {
  /** By the names that rows choose them by. */
  readonly models: ReadonlyMap<string, RowModel>;
  /**
   * The name of the model that a row chooses.
   *
   * @throws RejectionError with the code `INVALID_PARAMETER` where it chooses none of them
   */
  nameOf(row: Row): string;
}

/**
 * Models of which each row chooses one, as one provider for `completionStream`. Limits, prices, outages and what a model
 * refuses are those of each model. A `pool` shares the load between its members; here the row decides.
 *
 * @param models by the names that rows choose them by
 * @param nameOf gives the name of a row's model. A row that names no model fails with `INVALID_PARAMETER`
 * @throws ParrotError `INVALID_OPTION`
 */
export function modelByRow(
  models: Readonly<Record<string, Provider | RowModel>>,
  nameOf: (row: Row) => unknown,
): ModelByRow {
  checkModels(models, nameOf);
  const byName = new Map(
    Object.entries(models).map(([name, each]): [string, RowModel] => [
      name,
      "provider" in each ? each : { provider: each },
    ]),
  );
  const providers = Array.from(byName.values(), ({ provider }) => provider);
  const [one] = providers;
  if (one === undefined) throw invalid("expected at least one model, got none");
  const { price: _, notes: _notes, capacity: _capacity, promptCache: _cache, ...first } = one;
  const notes = [...new Set(providers.flatMap((provider) => provider.notes ?? []))];
  return {
    // To whoever does not know that rows choose, it is its first model, without what is not that of all.
    ...first,
    ...(notes.length === 0 ? {} : { notes }),
    model: [...new Set(providers.map(({ model }) => model))].join(", "),
    capabilities: {
      ...first.capabilities,
      nativeN: providers.every(({ capabilities }) => capabilities.nativeN),
      images: imagesOf(providers),
      params: PARAM_NAMES.filter((name) =>
        providers.every(({ capabilities }) => hasParam(capabilities, name)),
      ),
    },
    models: byName,
    nameOf: (row) => nameIn(byName, row, nameOf),
  };
}

/** Whether a provider is a {@linkcode ModelByRow}. */
export function isModelByRow(provider: Provider): provider is ModelByRow {
  return "models" in provider && "nameOf" in provider;
}

function nameIn(models: ReadonlyMap<string, RowModel>, row: Row, nameOf: (row: Row) => unknown): string {
  let name: unknown;
  try {
    name = nameOf(row);
  } catch (error) {
    throw invalidParameter("model", error);
  }
  if (typeof name === "string" && models.has(name)) return name;
  const names = [...models.keys()].map((each) => quote(each)).join(", ");
  throw invalidParameter("model", `the row names ${describe(name)}, and the models are ${names}`);
}

function describe(name: unknown): string {
  if (name === undefined || name === null || name === "") return "none";
  return typeof name === "string" ? quote(name) : `what is no text (${typeof name})`;
}

/** What any of them takes: a row with an image fails where its own model takes none. */
function imagesOf(providers: readonly Provider[]): readonly ImageSource[] {
  return [...new Set(providers.flatMap(({ capabilities }) => capabilities.images))];
}

function hasParam({ params }: Capabilities, name: ParamName): boolean {
  return params === undefined || params.includes(name);
}

const rowModel: OptionCheck = optionsOf<RowModel>({
  provider: aProvider,
  limits: rateLimits,
  limiter: aLimiter,
  price: aPrice,
});

function checkModels(models: unknown, nameOf: unknown): void {
  const anObject = expecting(
    "an object of providers by name",
    (value) => isObject(value) && !Array.isArray(value),
  );
  checkArgument("modelByRow", "models", models, anObject);
  for (const [name, model] of Object.entries(models as Readonly<Record<string, unknown>>)) {
    const option = `models[${JSON.stringify(name)}]`;
    const isWhole = isObject(model) && "provider" in model;
    checkArgument("modelByRow", option, model, isWhole ? rowModel : aProvider);
    const provider = (isWhole ? model["provider"] : model) as Provider;
    if (isModelByRow(provider)) throw invalid(`${quote(name)} lets rows choose already`);
    const { limits, limiter } = isWhole ? (model as unknown as RowModel) : {};
    if (isPool(provider) && (limits ?? limiter) !== undefined)
      throw invalid(`${quote(name)} is a pool, whose members have limits of their own`);
  }
  checkArgument("modelByRow", "nameOf", nameOf, aFunction);
}

function invalid(why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot let rows choose a model: ${why}`, { option: "models" });
}
