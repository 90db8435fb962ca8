/** How many jobs a run is done with, and what became of the requests that went into jobs. */
export interface JobCounts {
  /** Jobs that are over: their results are in the journal, or they were refused or given up. */
  closed: number;
  /** Of those, the jobs whose results are in the journal. */
  harvested: number;
  submitted: number;
  answered: number;
  /** Requests that came back without an answer and can be asked again. */
  lost: number;
}
