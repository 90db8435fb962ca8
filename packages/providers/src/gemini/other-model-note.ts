import type { BaseUrl } from "../request/base-url.ts";

/** A pasted address names a model, and so does the option `model`. */
export function otherModelNote({ given }: BaseUrl, model: string): readonly string[] {
  const named = /\/(?:models|tunedModels)\/([^/:]+)(?::\w+)?\/*(?:\?|$)/.exec(given)?.[1];
  if (named === undefined || model === named || model.endsWith(`/${named}`)) return [];
  return [`The base URL names the model ${named}, but the model ${model} is asked`];
}
