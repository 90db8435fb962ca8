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

/** The provider, with the simulator in the vendor's place. */
function providerOf({ urls, apiKey }: Simulator, name: string): Provider {
  const url = Object.entries(urls).find(([api]) => api === name)?.[1];
  const entry = providers.find((provider) => provider.name === name);
  if (url === undefined || entry === undefined)
    throw new Error(`The simulator has no provider "${name}"; it has ${Object.keys(urls).join(", ")}`);
  return entry.create({ model: "simulated", apiKey, baseUrl: url });
}
