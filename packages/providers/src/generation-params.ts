/** Parameters of sampling and length, in one vocabulary for all providers. Only those that the user set are sent. */
export interface GenerationParams {
  readonly temperature?: number;
  readonly topP?: number;
  /** The most tokens that the answer may have. */
  readonly maxTokens?: number;
  /** Strings at which the model stops. */
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** How much the model thinks before it answers; a model supports only some of the values. */
  readonly reasoningEffort?: ReasoningEffort;
  /** Makes tokens less likely that are in the answer already; mostly from -2 to 2. */
  readonly presencePenalty?: number;
  /** Makes a token less likely each time that it comes up in the answer; mostly from -2 to 2. */
  readonly frequencyPenalty?: number;
  /** Makes single tokens more or less likely, by their number in the model's vocabulary: `{ "1734": -100 }`. */
  readonly logitBias?: Readonly<Record<string, number>>;
  /** Identifies the person for whom the model is asked, so that the provider can tell abuse; best without a real name. */
  readonly endUser?: string;
}

/** The name of a parameter. */
export type ParamName = keyof GenerationParams;

/** From no reasoning to the most possible. Each adapter translates it into the words of its API. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

const EVERY: Readonly<Record<ParamName, true>> = {
  temperature: true,
  topP: true,
  maxTokens: true,
  stop: true,
  seed: true,
  reasoningEffort: true,
  presencePenalty: true,
  frequencyPenalty: true,
  logitBias: true,
  endUser: true,
};

/** The names of all parameters, in the order of tables. */
export const PARAM_NAMES: readonly ParamName[] = Object.keys(EVERY) as ParamName[];

/** The names of all parameters but these. */
export function allParamsBut(...names: readonly ParamName[]): readonly ParamName[] {
  return PARAM_NAMES.filter((name) => !names.includes(name));
}

/** Of the options of a run, the parameters that are set; only these where names are given. */
export function pickParams(
  options: GenerationParams,
  names: readonly ParamName[] = PARAM_NAMES,
): GenerationParams {
  return Object.fromEntries(
    names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

/** What an API can do, as far as it is about parameters. */
interface TakenParams {
  readonly params?: readonly ParamName[];
}

/** Of the parameters, those that an API has. */
export function takenParams(params: GenerationParams, { params: taken }: TakenParams): GenerationParams {
  return taken === undefined ? params : pickParams(params, taken);
}

/** The parameters that are set and that the API does not have, so that they are not sent. */
export function paramsNotSent(
  params: { readonly [Name in ParamName]?: unknown },
  { params: taken = PARAM_NAMES }: TakenParams,
): readonly ParamName[] {
  return PARAM_NAMES.filter((name) => params[name] !== undefined && !taken.includes(name));
}
