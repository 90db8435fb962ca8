import type { SimError } from "../dialect.ts";

/** How one API tells an error. */
interface ErrorEntry<Failure extends SimError = SimError> {
  readonly status: number;
  /** The API's own name for errors of this kind. */
  readonly type: string;
  /** The API's own words. @default the words of `describeError` */
  readonly message?: (error: Failure) => string;
}

/** How one API tells each kind of error. */
export type ErrorTable = {
  readonly [Kind in SimError["kind"]]: ErrorEntry<Extract<SimError, { readonly kind: Kind }>>;
};

/** Looks up an error's status, type and message in a table. */
export function lookUpError(
  table: ErrorTable,
  error: SimError,
): { readonly status: number; readonly type: string; readonly message: string } {
  const entry = table[error.kind] as ErrorEntry;
  const status = ("status" in error ? error.status : undefined) ?? entry.status;
  return { status, type: entry.type, message: entry.message?.(error) ?? describeError(error) };
}

const MESSAGES: Readonly<Partial<Record<SimError["kind"], string>>> = {
  permission: "You do not have permission to use this resource.",
  noCredit: "Your credit balance is too low to access the API.",
  bodyNotJson: "The request body is not valid JSON.",
  contentFilter: "The request was blocked by the content filter.",
  serverError: "Internal server error",
  overloaded: "Overloaded",
};

/** Describes an error in plain words. */
function describeError(error: SimError): string {
  switch (error.kind) {
    case "auth":
      return error.missing ? "No API key was given." : "The API key is not valid.";
    case "pathNotFound":
      return `Not found: ${error.method} ${error.path}`;
    case "modelNotFound":
      return `model: ${error.model}`;
    case "rateLimit":
      return `Too many ${error.dimension === "requests" ? "requests" : "tokens"} per minute.`;
    case "requestTooLarge":
      return `The request has ${error.requested} tokens, above the limit of ${error.limit} per minute.`;
    case "bodyTooLarge":
      return `The request body is larger than ${error.limitBytes} bytes.`;
    case "badRequest":
      return error.message;
    case "unsupportedParameter":
      return `${error.param} is not supported with this model.`;
    case "contextTooLong":
      return `The prompt is too long: ${error.inputTokens} tokens, at most ${error.contextTokens}.`;
    case "permission":
    case "noCredit":
    case "bodyNotJson":
    case "contentFilter":
    case "serverError":
    case "overloaded":
    default:
      return MESSAGES[error.kind] ?? "";
  }
}
