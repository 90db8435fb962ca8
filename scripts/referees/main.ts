/**
 * Has the programs that others use judge our files and scores: their files are read here as they read them, ours there
 * as they were, and answers are scored there as here. They are installed by pip into a cache outside the repository. Takes seconds once they are there.
 */
import { judgeColumnar } from "./columnar.ts";
import { judgeDataset } from "./dataset.ts";
import { findJudges } from "./python.ts";
import { judgeScores } from "./scores.ts";
import { judgeTables } from "./tables.ts";

const run = findJudges();
if (run === undefined) {
  console.log(
    "The tests with other readers of files did NOT run: there is no Python with pip on this machine.",
  );
} else {
  await judgeColumnar(run);
  await judgeTables(run);
  await judgeDataset(run);
  judgeScores(run);
}
