/** The path of a model in the Gemini API, from its name or its path. */
export function modelPath(model: string): string {
  const path = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
  return path.split("/").map(encodeURIComponent).join("/");
}
