import { shellWord } from "@parallel-parrot/core";
import { everyCommand, type CompletedCommand, type CompletedOption } from "./command-tree.ts";

/** A script for bash 3.2 or later that completes the commands and options of a program. */
export function bashScript(program: CompletedCommand): string {
  const all = everyCommand(program);
  const cases = all.map(
    ({ path, commands, options }) =>
      `    ${shellWord(path)}) commands=${list(commands.map(nameOf))} options=${list(options.flatMap(({ flags }) => flags))} ;;`,
  );
  const values = all.flatMap(({ path, options }) => options.flatMap((option) => valueCases(path, option)));
  return `# Completes parrot in bash. Use it with: source <(parrot completion bash)
_parrot() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path='' word next at commands='' options=''
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    next=\${path:+$path }$word
    case "$next" in
    ${all.flatMap(({ path }) => (path === "" ? [] : [shellWord(path)])).join("|")}) path=$next ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  case "$path $before" in
${values.join("\n")}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  else
    compopt -o default 2>/dev/null
  fi
}
complete -F _parrot parrot
`;
}

function nameOf({ path }: CompletedCommand): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}

function list(words: readonly string[]): string {
  return `'${words.join(" ")}'`;
}

/** What follows an option: one of its choices, a file, or a text that nobody can guess. */
function valueCases(path: string, { flags, value, choices }: CompletedOption): readonly string[] {
  if (value === "none") return [];
  const patterns = flags.map((flag) => shellWord(`${path} ${flag}`)).join("|");
  if (value === "choice")
    return [`    ${patterns}) COMPREPLY=($(compgen -W ${list(choices)} -- "$current")); return ;;`];
  if (value === "file") return [`    ${patterns}) compopt -o default 2>/dev/null; return ;;`];
  return [`    ${patterns}) return ;;`];
}
