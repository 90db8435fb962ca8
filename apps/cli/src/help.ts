import { DEFAULT_JOURNAL } from "./flags/default-journal.ts";

/** Shown below the options of `parrot` itself. */
export const MAIN_HELP: string = `
Examples:
  # the sentiment of each review, as a new column
  parrot text reviews.csv --output-key sentiment -o sentiments.csv \\
    --prompt 'Positive, negative or neutral? Answer in one word: \${review}' \\
    --model openai/gpt-4.1-mini

  # three new columns
  parrot columns tickets.csv --keys product,urgency,team -o sorted.csv \\
    --prompt 'Which product, how urgent, for which team? \${body}' \\
    --model openai/gpt-4.1-mini

  # twenty rows first; the same line without --limit asks only the others
  parrot text reviews.csv --prompt 'Sum up: \${review}' -o sums.csv \\
    --model openai/gpt-4.1-mini --limit 20

  # question and answer pairs: one row each
  parrot data articles.jsonl --keys question,answer -o pairs.csv \\
    --prompt 'Write five question and answer pairs about: \${text}' \\
    --model openai/gpt-4.1-mini

  # try it without a key: a simulator on this machine
  parrot simulate --port 8765 --rpm 600

Another provider is another --model, such as anthropic/claude-haiku-5-5;
parrot providers lists them all. Keys come from the environment (OPENAI_API_KEY
and so on), from --key-file, --key-command or --dotenv, never from an
argument.
Every answer is kept in ${DEFAULT_JOURNAL} and never paid for twice: a run that
ended early goes on with parrot resume.
Exit codes: 0 all rows answered, 2 wrong usage or setup, 3 some rows failed,
4 stopped on the way, 130 Ctrl-C.`;

/** Shown below the options of `parrot run`. */
export const RUN_HELP: string = `
A job file:
  command: columns
  input: tickets.csv
  output: answers.csv
  model: openai/gpt-4.1-mini
  prompt: |
    How urgent is this ticket, from 1 to 5, and why?
    \${text}
  keys: [urgency, reason]

Examples:
  parrot run job.yaml
  # the same job with twenty rows of another file
  parrot run job.yaml other.csv --limit 20 -o other-answers.csv
  # from a run that was typed
  parrot job show 7 > job.yaml`;

/** Shown below the options of `parrot resume`. */
export const RESUME_HELP: string = `
Examples:
  parrot resume
  # the budget of the whole run was too small
  parrot resume --max-cost 20`;

/** Shown below the options of `parrot retry-failed`. */
export const RETRY_HELP: string = `
Examples:
  parrot retry-failed
  # answers that were cut off
  parrot retry-failed --max-tokens 2000
  # rows that the first model refused
  parrot retry-failed 12 --model openai/gpt-4.1`;

/** Shown below the options of `parrot explain`. */
export const EXPLAIN_HELP: string = `
Example:
  parrot explain text reviews.csv --prompt 'Sum up: \${review}' \\
    --model openai/gpt-4.1-mini -o out.csv`;

/** Shown below the options of `parrot journal`. */
export const JOURNAL_HELP: string = `
Examples:
  parrot journal show
  parrot journal export --run 3 > answers.jsonl
  parrot journal prune --older-than 30`;

/** Shown below the commands of `parrot batch`. */
export const BATCH_HELP: string = `
Examples:
  parrot batch list
  parrot batch cancel 3
  parrot batch forget 3`;

/** Shown below the options of `parrot text`. */
export const TEXT_HELP: string = `
Examples:
  parrot text reviews.csv --prompt-file prompt.txt --output-key summary \\
    --model openai/gpt-4.1-mini -o out.csv
  parrot text reviews.csv --prompt 'Translate into French: \${review}' \\
    --model openai/gpt-4.1-mini --preview 3
  cat rows.jsonl | parrot text - --from jsonl --prompt 'Title for: \${text}' \\
    --model openai/gpt-4.1-mini > out.jsonl
  parrot text data/ 'more/*.csv' --source-column file -o out.csv \\
    --prompt 'Summarise: \${text}' --model openai/gpt-4.1-mini
  parrot text notes.csv --prompt 'Summarise: \${Note text}' -o out.csv \\
    --model openai/llama-3.3 --base-url http://localhost:8000/v1

A template has \${column}, $column, \${any column name}, \${path.to.value},
\${column:-default}; $$ is a dollar sign.`;

/** Shown below the options of `parrot columns`. */
export const COLUMNS_HELP: string = `
Examples:
  parrot columns tickets.csv --keys product,urgency,team -o sorted.csv \\
    --prompt 'Which product, how urgent, for which team? \${body}' \\
    --model openai/gpt-4.1-mini
  # numbers, lists of choices and so on
  parrot columns tickets.csv --prompt 'Sort this ticket: \${body}' \\
    --schema ticket.schema.json --model openai/gpt-4.1-mini -o sorted.jsonl`;

/** Shown below the options of `parrot data`. */
export const DATA_HELP: string = `
Examples:
  parrot data articles.jsonl --keys question,answer -o pairs.csv \\
    --prompt 'Question and answer pairs about: \${text}' \\
    --model openai/gpt-4.1-mini
  parrot data articles.jsonl --prompt 'Entities in: \${text}' --keys name,kind \\
    --model openai/gpt-4.1-mini --preview 2`;

/** Shown below the options of `parrot providers`. */
export const PROVIDERS_HELP: string = `
Examples:
  parrot providers
  parrot text reviews.csv --prompt 'Summarise: \${review}' -o out.csv \\
    --model anthropic/claude-haiku-5-5
  # a model's name may have slashes in it
  parrot text reviews.csv --prompt 'Summarise: \${review}' -o out.csv \\
    --model openrouter/openai/gpt-oss-20b`;

/** Shown below the options of `parrot estimate`. */
export const ESTIMATE_HELP: string = `
Examples:
  # counted here, with answers of about 60 tokens; costs nothing
  parrot estimate text reviews.csv --prompt 'Summarise: \${review}' \\
    --model openai/gpt-4.1-mini --output-tokens 60
  # 40 rows asked for real
  parrot estimate data articles.jsonl --prompt-file prompt.txt \\
    --keys question,answer --model openai/gpt-4.1-mini --ask --look-at 40`;

/** Shown below the options of `parrot explode`. */
export const EXPLODE_HELP: string = `
Example:
  parrot explode answers.csv --column entities -o entities.csv`;

/** Shown below the options of `parrot score`. */
export const SCORE_HELP: string = `
Examples:
  parrot score labelled.csv --column sentiment --against label
  # two models that were compared, on the German rows alone
  parrot score out.csv --column output@gpt-4.1,output@gpt-4.1-mini \\
    --against label --where 'lang == "de"'`;

/** Shown below the options of `parrot finetune`. */
export const FINETUNE_HELP: string = `
Examples:
  parrot finetune pairs.csv --prompt-column question \\
    --completion-column answer -o train.jsonl --max-tokens-per-file 2000000
  # a system message of each row's own
  parrot finetune pairs.csv --prompt-column question \\
    --completion-column answer -o train.jsonl \\
    --system 'You are \${persona}. Answer in one sentence.'

Rows without a prompt or a completion, or with too many tokens, are left out and
reported, and the exit code is 3.`;

/** Shown below the options of `parrot simulate`. */
export const SIMULATE_HELP: string = `
Example, in two terminals:
  parrot simulate --port 8765 --rpm 600
  OPENAI_API_KEY=sim-key parrot text reviews.csv -o out.csv \\
    --prompt 'Summarise: \${review}' --model openai/simulated \\
    --base-url http://127.0.0.1:8765/v1`;

/** Shown below the options of `parrot ui`. */
export const UI_HELP: string = `
Examples:
  # the runs of this folder
  parrot ui
  # those of another one, in the browser at once
  parrot ui ../reviews --open`;

/** Shown below the options of `parrot completion`. */
export const COMPLETION_HELP: string = `
Examples:
  # bash: in ~/.bashrc
  source <(parrot completion bash)
  # zsh, then begin a new shell
  parrot completion zsh > "\${fpath[1]}/_parrot"
  # fish
  parrot completion fish > ~/.config/fish/completions/parrot.fish`;
