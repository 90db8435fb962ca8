import type { Amendment } from "@parallel-parrot/providers";

const WORDS: Readonly<Record<Amendment, string>> = {
  "omit:n": "several answers in one request",
  "json:loose": "a strict schema",
  "json:object": "a schema: JSON mode, and the schema in words",
  "json:tool": "a schema: it was given to a tool",
  "json:instructions": "a schema: it was put in words",
  "system:developer": "a system message: it was the developer's",
  "system:user": "a system message: it was put before the question",
  "stream:off": "a stream: the answers came in one piece",
  "omit:stream_options": "the usage of a stream",
};

/** What a run asks for since the server demanded it, or a gateway cut an answer off. */
const DEMANDED: Amendment = "stream:on";

/** A line that says that answers were streamed though nobody asked for it; none where they were not. */
export function describeStreaming(amendments: readonly Amendment[]): readonly string[] {
  if (!amendments.includes(DEMANDED) || amendments.includes("stream:off")) return [];
  return ["Answers were streamed: the server demanded it, or a gateway cut a long answer off"];
}

/** What requests leave out since the model refused it, in words. A parameter that was only renamed is not told. */
export function describeAmendments(amendments: readonly Amendment[]): readonly string[] {
  return amendments
    .filter((amendment) => !amendment.startsWith("use:") && amendment !== DEMANDED)
    .map((amendment) => WORDS[amendment] ?? amendment.replace(/^omit:/, ""));
}
