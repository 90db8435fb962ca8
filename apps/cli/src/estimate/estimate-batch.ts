import { ParrotError } from "@parallel-parrot/core";
import type { RunOptions } from "../job/run-options.ts";
import type { Estimate } from "./estimate-result.ts";

/** What is known of the direct way. */
interface Direct {
  readonly cost: Estimate["cost"];
  /** What input from the prompt cache costs of that, in US dollars. */
  readonly cachedCost: number;
}

type Asked = Pick<RunOptions, "batch" | "provider">;

/** @throws ParrotError `INVALID_OPTION` where `--batch` is given and the provider has no batches */
export function requireBatches({ batch, provider }: Asked): void {
  if (!batch || provider.batch !== undefined) return;
  const { name, batchHint } = provider;
  const why =
    batchHint ??
    `the provider ${name} has no batches, or none that are known here. Leave it out to ask directly`;
  throw new ParrotError("INVALID_OPTION", `Cannot estimate --batch: ${why}`, { option: "--batch" });
}

/** What the run costs where all its requests go through batches; `null` without `--batch`. */
export function estimateBatch({ batch, provider }: Asked, { cost, cachedCost }: Direct): Estimate["batch"] {
  if (!batch) return null;
  const price = provider.batch?.price;
  if (cost === null || price === undefined) return { factor: price?.factor ?? null, cost: null };
  const { factor, spareCached } = price;
  const spared = spareCached === true ? cachedCost * (1 - factor) : 0;
  const { estimate, low, high } = cost;
  return {
    factor,
    cost: {
      estimate: estimate * factor + spared,
      low: low * factor + spared,
      high: high * factor + spared,
    },
  };
}
