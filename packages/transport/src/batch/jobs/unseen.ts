import { policyOf } from "../../errors/error-policy.ts";
import type { RejectionError } from "../../errors/rejection-error.ts";

/** Whether a refusal says that a job is not there for this key. */
export function isUnseen({ rejection }: RejectionError): boolean {
  const { concernsKey, scope } = policyOf(rejection.code);
  return (
    rejection.verdict === "fail" || concernsKey === true || (rejection.verdict === "stop" && scope === "run")
  );
}
