/** The jobs that any run of this process looks after, by their names: no two runs look after one. */
const jobs = new Map<string, Promise<void>>();

/** Notes that a job is looked after until a promise settles, which is never rejected. */
export function lookAfter(name: string, over: Promise<void>): void {
  const noted = over.finally(() => {
    if (jobs.get(name) === noted) jobs.delete(name);
  });
  jobs.set(name, noted);
}

/** Resolves when no run of this process looks after a job; `undefined` where none does. */
export function lookedAfter(name: string): Promise<void> | undefined {
  return jobs.get(name);
}
