import type { RunSummary } from "@parallel-parrot/journal";
import { shownAddress } from "@parallel-parrot/formats";
import { providers, type Provider } from "@parallel-parrot/providers";
import { failedNameOf } from "../failed/failed-path.ts";
import { nameInputs } from "../input/input-names.ts";
import { headersOf, howOf, textOf, type Job } from "./job.ts";
import { changedJob } from "./retry-change.ts";
import { allSteps } from "../steps/all-steps.ts";
import { nameOf } from "../terminal/name-of.ts";
import type { RunOptions } from "./run-options.ts";

/** What resuming a run is about to do, in one line. */
export function describeGoingOn(id: number, { inputs }: Job, options: RunOptions): string {
  const { outputPath, reparse } = options;
  const asked = allSteps(options).map(
    ({ provider }) => `${provider.name}/${provider.model} ${placeOf(provider)}`,
  );
  const whom = reparse ? "asks no provider" : `asks ${[...new Set(asked)].join(" and ")}`;
  return `Going on with run ${id}: ${whom}; reads ${nameOf(nameInputs(inputs))}, writes ${outputPath === "-" ? "standard output" : nameOf(outputPath)}`;
}

function placeOf(provider: Provider): string {
  if (provider.send !== undefined) return "in this process";
  const { baseUrl } = provider;
  return `at ${URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl}`;
}

/**
 * What a stranger's run would do, a line for each thing. None of the files it names is opened, and its options may
 * have values of any type.
 */
export function describeStranger({ manifest }: RunSummary, job: Job): readonly string[] {
  const options: Readonly<Record<string, unknown>> = {
    ...changedJob(job, howOf(manifest).change ?? {}).options,
  };
  const { model, baseUrl, promptFile, prompt, schema, imageFolder, output } = options;
  const parts: readonly (readonly [string, unknown])[] = [
    ["ask", model],
    ...listOf(options["compare"]).map((other) => ["ask as well", other] as const),
    ["at", baseUrl ?? providers.find(({ name }) => textOf(model)?.startsWith(`${name}/`))?.baseUrl],
    ["read as input", job.inputs.map(shownAddress).join(", ")],
    ...listOf(options["cross"]).map((file) => ["read as a table to cross with", file] as const),
    ["read as prompt", promptFile],
    ["with the prompt", promptFile === undefined ? prompt : undefined],
    ["read as schema", schema],
    ["with the fields", options["param"]],
    ["read more fields from", options["extraBody"]],
    [
      "with headers that are to be given",
      headersOf(manifest).length === 0 ? undefined : headersOf(manifest).join(", "),
    ],
    ["read images from", imageFolder],
    ...(job.later ?? []).flatMap((step) => [
      ["then in a step ask", step.options.model] as const,
      ["at", step.options.baseUrl] as const,
      ["with the prompt", step.options.promptFile ?? step.options.prompt] as const,
      ["read images from", step.options.imageFolder] as const,
    ]),
    ["write as output", output],
    ["write failed rows to", failedNameOf(textOf(options["failed"]), textOf(output) ?? "-")],
  ];
  return parts.flatMap(([what, value]) => (value === undefined ? [] : [`  ${what}: ${nameOf(value)}`]));
}

/** The elements of a value that should be a list: one in a stranger's manifest may be of any type. */
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
