import type { Rejection } from "@parallel-parrot/providers";

/** State of a pool's member: `new` until its first answer, `aside` while it is away or out of credit, `gone` for good. */
export type MemberState = "new" | "active" | "aside" | "gone";

/** Why a member of a pool is not asked. */
export interface MemberReason {
  readonly code: Rejection["code"];
  readonly message: string;
}
