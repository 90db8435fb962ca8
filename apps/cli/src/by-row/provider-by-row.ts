import { counted, ParrotError } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { modelByRow, type RowModel } from "@parallel-parrot/transport";
import { comparedModels, MODEL_COLUMN } from "../compare/compared-models.ts";
import { longOf } from "../flags/flag.ts";
import { JOB_FLAGS } from "../flags/job-flags.ts";
import type { GenerateOptions } from "../flags/options.ts";
import { findModel } from "../job/find-provider.ts";
import { pricesOf } from "../job/price-of.ts";
import { providerOf } from "../job/provider-of.ts";
import { checkRowValues } from "./check-row-values.ts";
import { rowParamsIn, rowValue, type RowValue } from "./row-values.ts";

/** The most models that rows may name: more of them are mostly a wrong column. */
const MAX_MODELS = 50;

/** Whether the model is a template, so that each row names its own. */
function isModelOfRow({ model }: Pick<GenerateOptions, "model">): boolean {
  return typeof model === "string" && model.includes("$");
}

/**
 * The provider of a job, be it one or one for each model that its rows name. Values that rows give themselves are checked
 * here, before anything is sent. Without `asks` it needs no key.
 *
 * @throws ParrotError `INVALID_OPTION`, or `INVALID_INPUT` that names the row
 */
export async function providerOfRows(
  inputs: readonly string[],
  options: GenerateOptions,
  purpose: { readonly asks: boolean } = { asks: true },
): Promise<Provider> {
  const params = rowParamsIn(options);
  const compared = comparedModels(options);
  if (compared.length > 0) {
    if (params.length > 0) await checkRowValues(inputs, options, params);
    const named = new Set(compared);
    requireOneProvider(options, named);
    return modelByRow(await providersOf(named, options, purpose), (row) => row[MODEL_COLUMN]);
  }
  if (!isModelOfRow(options)) {
    if (params.length > 0) await checkRowValues(inputs, options, params);
    return providerOf(options, purpose);
  }
  const names = new Set<string>();
  const model = modelValue(options, names);
  if (!(await checkRowValues(inputs, options, [model, ...params]))) throw readOnce(model);
  requireOneProvider(options, names);
  return modelByRow(await providersOf(names, options, purpose), (row) => model.of(row));
}

async function providersOf(
  names: ReadonlySet<string>,
  options: GenerateOptions,
  purpose: { readonly asks: boolean },
): Promise<Readonly<Record<string, RowModel>>> {
  const models: Record<string, RowModel> = {};
  const prices = pricesOf(options, names);
  for (const name of names) {
    const [provider, price] = [await providerOf({ ...options, model: name }, purpose), prices.get(name)];
    models[name] = price === undefined ? { provider } : { provider, price };
  }
  return models;
}

/** Notes the names that rows have. A name that no model can have is the row's mistake. */
function modelValue({ model = "" }: GenerateOptions, names: Set<string>): RowValue {
  const value = rowValue("model", longOf(JOB_FLAGS.model), model, (name) => {
    if (names.has(name)) return name;
    const { entry } = findModel(name);
    if (entry.isInProcess === true)
      throw new Error("a file with a model is named on the command line, and not by a row");
    if (names.size === MAX_MODELS)
      throw new Error(`the rows before it have named ${counted(MAX_MODELS, "model")} already`);
    names.add(name);
    return name;
  });
  return {
    ...value,
    of(row) {
      const name = value.of(row);
      if (name === undefined) throw new Error("the row names no model");
      return name;
    },
  };
}

/** The options that are those of one provider, and would go to several. */
function requireOneProvider(options: GenerateOptions, names: ReadonlySet<string>): void {
  requireOwnPrices(options);
  const providers = new Set([...names].map((name) => findModel(name).entry.name));
  if (providers.size < 2) return;
  const given = (["baseUrl", "keyFile", "keyCommand"] as const).find((name) => options[name] !== undefined);
  if (given === undefined) return;
  const flag = longOf(JOB_FLAGS[given]);
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot use ${flag} with ${isModelOfRow(options) ? `--model '${options.model ?? ""}': the rows name models of` : "--compare: the models are those of"} ${[...providers].join(" and ")}, and it is for one provider`,
    { option: flag },
  );
}

/** Rates are those of one model; a model of the list is named for each. */
function requireOwnPrices({ price }: GenerateOptions): void {
  if (price === undefined) return;
  throw new ParrotError(
    "INVALID_OPTION",
    "Cannot use --price for several models: each has a price of its own, which is known at its vendor's own address; elsewhere, --price-of MODEL=PROVIDER/MODEL takes that of a model of the list",
    { option: "--price" },
  );
}

function readOnce({ flag, text }: RowValue): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot use ${flag} '${text}': the models have to be known before the first request, and standard input can be read only once; write the rows to a file first`,
    { option: flag },
  );
}
