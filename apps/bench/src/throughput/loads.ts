import type { JobName } from "../jobs/jobs.ts";
import type { Answers } from "../servers/answers.ts";

/** What is asked for, over what, by whom. */
export interface Load {
  readonly title: string;
  readonly answers: Answers;
  /** `undefined` stands for all jobs. */
  readonly jobs?: readonly JobName[];
}

const BARE: readonly JobName[] = ["socket", "dispatch", "request"];
const OWN: readonly JobName[] = ["composed", "pipeline"];

/** Small plain answers, where the work of a client weighs most, and answers as large APIs give them. */
export const LOADS: readonly [Load, ...Load[]] = [
  { title: "plain HTTP, answers of 0.6 kB", answers: { isTls: false } },
  {
    title: "TLS, answers of 4 kB",
    answers: { isTls: true, bytes: 4000 },
    jobs: [...BARE, ...OWN, "journal", "fetch", "openai"],
  },
  { title: "TLS, answers of 20 kB", answers: { isTls: true, bytes: 20_000 }, jobs: [...BARE, ...OWN] },
];
