import type { Amendment, ProviderResponse, Rejection } from "../provider.ts";
import type { ErrorBody } from "./error-body.ts";

/** A verdict and its code, without the server's message. */
export type Judgement = WithoutMessage<Rejection>;
/** Distributes over the union, so that each member keeps its own fields. */
type WithoutMessage<R> = R extends Rejection ? Omit<R, "message"> : never;

/** Judges the errors of one server; `undefined` leaves the judgement to the common rules. */
export type ErrorRule = (
  status: number,
  error: ErrorBody,
  context: Pick<ErrorContext, "response" | "amendments">,
) => Judgement | undefined;

/** What the judgement depends on besides the error itself. */
export interface ErrorContext {
  readonly response: ProviderResponse;
  readonly amendments: ReadonlySet<Amendment>;
  readonly rule?: ErrorRule | undefined;
  /** Whether system messages may also be sent with the role of the developer. @default false */
  readonly hasDeveloper?: boolean;
  /** Whether the API can stream its answers. @default false */
  readonly canStream?: boolean;
}
