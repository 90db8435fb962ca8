import type { Simulator } from "@parallel-parrot/simulator";
import { listOf, pipeline, providers, type Provider } from "parallel-parrot";

/** The demo's job: articles to question and answer rows, asked of the provider of this name. */
export function demoJob(simulator: Simulator, providerName: string) {
  return pipeline({
    provider: providerOf(simulator, providerName),
    prompt: "Write question and answer pairs about this article:\n\n${text}",
    output: listOf(["question", "answer"]),
    keep: ["title"],
  });
}

/** Whose addresses at the simulator are another's. */
const API_OF: Partial<Record<string, string>> = {
  "openai-responses": "openai",
  "openai-compatible": "openai",
};
// Vertex AI's addresses have a project in them.
process.env["GOOGLE_CLOUD_PROJECT"] ??= "simulated";

/** The provider, with the simulator in the vendor's place. */
function providerOf({ urls, apiKey }: Simulator, name: string): Provider {
  const entry = providers.find((provider) => provider.name === name);
  const url = Object.entries(urls).find(([api]) => api === (API_OF[name] ?? name))?.[1];
  if (entry === undefined || url === undefined) {
    const names = providers
      .filter(({ isInProcess }) => isInProcess !== true)
      .map((provider) => provider.name);
    throw new Error(`There is no provider "${name}"; the providers are ${names.join(", ")}`);
  }
  return entry.create({ model: "simulated", apiKey, baseUrl: url });
}
