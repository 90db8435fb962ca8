import type { Amendment, ProviderRequest } from "../provider.ts";
import type { Fields } from "../json-fields.ts";

/** Where a request goes, and what it says. */
type AskedFor = Pick<ProviderRequest, "url" | "body">;

/** How one API streams its answers. */
export interface StreamForm {
  /** The same request for a stream. */
  readonly ask: (plain: AskedFor, amendments: ReadonlySet<Amendment>) => AskedFor;
  /** Begins to put an answer together. */
  readonly assemble: () => Assembly;
  /** Whether the chunks may also come as one JSON list. @default only as events, or as one object on each line */
  readonly alsoAsList?: true;
}

/** An answer that comes in pieces, and is put together to the body that the API sends in one piece. */
export interface Assembly {
  /** @param type what kind of event it is, as it says itself or by its name; empty if neither says it */
  take(event: Fields, type: string): void;
  /**
   * The whole body; `undefined` if something is missing at the end.
   *
   * @param isMarked whether the stream had the mark of its end, `[DONE]`
   */
  body(isMarked: boolean): Fields | undefined;
}

/** Asks for a stream by the field of the body that most APIs have for it. */
export function askByField({ url, body }: AskedFor): AskedFor {
  return { url, body: withFields(body, '"stream":true') };
}

/** Adds fields to the end of a JSON object. */
export function withFields(body: string, fields: string): string {
  return `${body.slice(0, body.lastIndexOf("}"))},${fields}}`;
}
