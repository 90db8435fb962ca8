import type { Rejection } from "@parallel-parrot/providers";

/** `new` until its first answer, `aside` while it is away or out of credit, `gone` for good. */
export type MemberState = "new" | "active" | "aside" | "gone";

/** Why a member is not asked. */
export interface MemberReason {
  readonly code: Rejection["code"];
  readonly message: string;
}
