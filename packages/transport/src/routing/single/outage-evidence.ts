import type { Clock } from "@parallel-parrot/limiter";
import type { OutageVote, RowContext } from "../../request/row-context.ts";
import { FailureWalk, MAX_UNREACHED } from "../failure-walk.ts";

/** How many more rows must fail than are answered. */
const MAX_EXCESS = 20;
/** A row that has used its attempts in less time than this cannot tell an outage from a short disturbance. */
const SUSPICIOUS_MS = 5000;

/** The place in a row that holds its vote on an outage. */
export type VotingRow = Partial<Pick<RowContext, "outageVote">>;

/**
 * What speaks for an outage of the only endpoint, and what against it. Before the first answer, in this run or an
 * earlier one, nothing is held for an outage.
 */
export class OutageEvidence {
  readonly #clock: Clock;
  /** Weighs rows that fail against answers. */
  readonly #walk = new FailureWalk();
  #lastAliveAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The server has said something to a row that shows that it works. */
  alive(row: VotingRow): void {
    this.#lastAliveAt = this.#clock.now();
    this.#walk.answered();
    if (row.outageVote !== undefined) row.outageVote.unreached = 0;
  }

  /** The server has answered a row before this run. */
  wasAlive(): void {
    this.#lastAliveAt ??= this.#clock.now();
  }

  /** A row has failed. Returns whether that is enough to suspect an outage. */
  failed(row: VotingRow, outcome: "failed" | "unreached", outages: number): boolean {
    const vote = voteOf(row);
    const isFirst = vote.outages !== outages;
    if (isFirst) {
      vote.outages = outages;
      vote.failingSince = this.#clock.now();
    }
    vote.unreached = outcome === "unreached" ? vote.unreached + 1 : 0;
    if (this.#lastAliveAt === undefined) return false;
    if (isFirst) this.#walk.failed();
    return this.#walk.height >= MAX_EXCESS || (vote.unreached >= MAX_UNREACHED && this.#isAlone(vote));
  }

  /** The suspicion has been dealt with. */
  forgetVotes(): void {
    this.#walk.forget();
  }

  /** Whether an outage may be the reason that a row has used its attempts. */
  isSuspicious(row: VotingRow, canCheck: boolean): boolean {
    const { outageVote: vote } = row;
    if (vote === undefined || !this.#isAlone(vote)) return false;
    return vote.unreached > 0 || (canCheck && this.#clock.now() - vote.failingSince >= SUSPICIOUS_MS);
  }

  /** Whether nobody was answered since this row began to fail. */
  #isAlone({ failingSince }: OutageVote): boolean {
    return this.#lastAliveAt !== undefined && this.#lastAliveAt < failingSince;
  }
}

function voteOf(row: VotingRow): OutageVote {
  return (row.outageVote ??= { outages: -1, failingSince: 0, unreached: 0 });
}
