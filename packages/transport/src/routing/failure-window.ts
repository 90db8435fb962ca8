import type { Clock } from "@parallel-parrot/limiter";
import type { OutageVote, RowContext } from "../request/row-context.ts";
import { FailureWalk, MAX_UNREACHED } from "./failure-walk.ts";

/** Rows by which those that fail must outnumber those that are answered. */
const MAX_EXCESS = 20;
/** A row that used its attempts in less time than this cannot tell an outage from a short trouble. */
const SUSPICIOUS_MS = 5000;

/** The place in a row that holds its vote on an outage. */
export type VotingRow = Partial<Pick<RowContext, "outageVote">>;

/** What speaks for an outage and what against it. Before the first answer, of this run or an earlier one, nothing does. */
export class FailureWindow {
  readonly #clock: Clock;
  /** Of rows that fail, against answers. */
  readonly #walk = new FailureWalk();
  #lastAliveAt: number | undefined;
  /** Whether anybody was answered in this run. */
  #isAnswered = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  alive(row: VotingRow): void {
    this.#isAnswered = true;
    this.#lastAliveAt = this.#clock.now();
    this.#walk.answered();
    if (row.outageVote === undefined) return;
    row.outageVote.unreached = 0;
    row.outageVote.wasRefused = false;
  }

  /** Somebody was answered before this run. */
  wasAlive(): void {
    this.#lastAliveAt ??= this.#clock.now();
  }

  /** Whether it is enough now to suspect an outage. */
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

  forgetVotes(): void {
    this.#walk.forget();
  }

  /** Whether a row that has used its attempts may owe that to an outage. */
  isSuspicious(row: VotingRow, canCheck: boolean): boolean {
    const { outageVote: vote } = row;
    if (vote === undefined || !this.#isAlone(vote)) return false;
    return vote.unreached > 0 || (canCheck && this.#clock.now() - vote.failingSince >= SUSPICIOUS_MS);
  }

  /** Whether a refusal for good may pass: after answers of this run, and where it is the row's first. */
  mayPass(row: VotingRow): boolean {
    if (!this.#isAnswered) return false;
    const vote = voteOf(row);
    if (vote.wasRefused) return false;
    vote.wasRefused = true;
    return true;
  }

  /** Whether nothing was answered since a row began to fail. */
  #isAlone({ failingSince }: OutageVote): boolean {
    return this.#lastAliveAt !== undefined && this.#lastAliveAt < failingSince;
  }
}

function voteOf(row: VotingRow): OutageVote {
  return (row.outageVote ??= { outages: -1, failingSince: 0, unreached: 0, wasRefused: false });
}
