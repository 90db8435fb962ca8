import type { Amendment } from "@parallel-parrot/providers";

const WORDS: Readonly<Record<Amendment, string>> = {
  "omit:prompt_cache": "marks for the prompt cache",
  "omit:n": "several answers in one request",
  "json:loose": "a strict schema",
  "json:object": "a schema (JSON mode and words instead)",
  "json:tool": "a schema (a tool instead)",
  "json:instructions": "a schema (words instead)",
  "system:developer": "a system message (a developer message instead)",
  "system:user": "a system message (put before the question instead)",
  "stream:off": "a stream (answers in one piece instead)",
  "omit:stream_options": "the usage of a stream",
};

/** What a run asks for since the server demanded it, or a gateway cut an answer off. */
const DEMANDED: Amendment = "stream:on";

/** A line that says that answers were streamed though nobody asked for it; none where they were not. */
export function describeStreaming(amendments: readonly Amendment[]): readonly string[] {
  if (!amendments.includes(DEMANDED) || amendments.includes("stream:off")) return [];
  return ["Answers were streamed: the server demanded it, or a gateway cut a long answer off"];
}

/** What requests leave out since the model refused it, in words. A parameter that was only renamed is not named. */
export function describeAmendments(amendments: readonly Amendment[]): readonly string[] {
  return amendments
    .filter((amendment) => !amendment.startsWith("use:") && amendment !== DEMANDED)
    .map((amendment) => WORDS[amendment] ?? amendment.replace(/^omit:/, ""));
}
