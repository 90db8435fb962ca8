import { ParrotError } from "@parallel-parrot/core";
import { AS_STREAM, isStreamed } from "../amendments.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { Amendment, Provider, ProviderAnswer, ProviderRequest, ProviderResponse } from "../provider.ts";
import { readStreamed } from "./read-streamed.ts";
import type { StreamForm } from "./stream-form.ts";

/** How a provider asks for streams, and reads them. */
export interface Streaming {
  /** The request as it is sent. */
  ask(plain: ProviderRequest, amendments: ReadonlySet<Amendment>): ProviderRequest;
  /** Reads a response in any form. */
  read(
    response: ProviderResponse,
    amendments: ReadonlySet<Amendment>,
    readAnswer: Provider["readResponse"],
  ): ProviderAnswer;
}

/** The parts of an API that decide how its answers come. */
export interface StreamingApi {
  readonly info: Pick<ProviderInfo, "displayName">;
  readonly options: Pick<ProviderOptions, "stream">;
  readonly stream?: StreamForm;
}

/** @throws ParrotError `INVALID_OPTION` if a stream is wanted of an API whose streams are not read */
export function streamingOf({ info, options, stream: form }: StreamingApi): Streaming {
  if (form === undefined) {
    if (options.stream !== true)
      return { ask: (plain) => plain, read: (response, known, readAnswer) => readAnswer(response, known) };
    const message = `Cannot stream answers of ${info.displayName}: its streams are in a binary form that is not read`;
    throw new ParrotError("INVALID_OPTION", message, { option: "stream" });
  }
  const formed = formedBy(options);
  return {
    ask(plain, amendments) {
      if (!isStreamed(formed(amendments))) return plain;
      const { url, body } = plain;
      return { plain: { url, body }, ...plain, ...form.ask(plain, amendments) };
    },
    read: (response, amendments, readAnswer) =>
      readStreamed(response, form, (plain) => readAnswer(plain, formed(amendments))),
  };
}

/** Adds what the options say of the form to amendments. They are the same set for nearly all requests. */
function formedBy({ stream = false }: StreamingApi["options"]) {
  let last: { readonly given: ReadonlySet<Amendment>; readonly formed: Set<Amendment> } | undefined;
  return (given: ReadonlySet<Amendment>): ReadonlySet<Amendment> => {
    if (!stream) return given;
    if (last?.given !== given) last = { given, formed: new Set([AS_STREAM]) };
    // The caller may have added to its set.
    if (last.formed.size < given.size + 1) for (const each of given) last.formed.add(each);
    return last.formed;
  };
}
