import { everyCommand, type CompletedCommand, type CompletedOption } from "./command-tree.ts";

/** A script for zsh that completes the commands and options of a program, and says what each is for. */
export function zshScript(program: CompletedCommand): string {
  const all = everyCommand(program);
  return `#compdef parrot
# Completes parrot in zsh. Save it as _parrot in a folder of $fpath: parrot completion zsh > "\${fpath[1]}/_parrot"
_parrot() {
  local at taken=1 route='' next
  for ((at = 2; at < CURRENT; at++)); do
    next="\${route:+$route }\${words[at]}"
    case "$next" in
    (${all.flatMap(({ path }) => (path === "" ? [] : [quoted(path)])).join("|")}) route=$next; taken=$at ;;
    esac
  done
  words=("\${words[1]}" "\${(@)words[taken+1,-1]}")
  ((CURRENT -= taken - 1))
  case "$route" in
${all.map(caseOf).join("\n")}
  esac
}
if [[ $funcstack[1] == _parrot ]]; then _parrot "$@"; else compdef _parrot parrot; fi
`;
}

function caseOf({ path, commands, options, takesFiles }: CompletedCommand): string {
  const rest =
    commands.length > 0
      ? [
          `'1:command:((${commands.map(({ path: one, summary }) => quotedIn(`${one.slice(one.lastIndexOf(" ") + 1)}\\:"${described(summary)}"`)).join(" ")}))'`,
        ]
      : takesFiles
        ? ["'*:file:_files'"]
        : [];
  const lines = [...options.flatMap(specs), ...rest].map((spec) => `      ${spec}`);
  return `  (${quoted(path)})\n    _arguments \\\n${lines.join(" \\\n")}\n    ;;`;
}

function specs({ flags, help, value, choices }: CompletedOption): readonly string[] {
  const action =
    value === "none"
      ? ""
      : value === "choice"
        ? `:value:(${choices.join(" ")})`
        : value === "file"
          ? ":file:_files"
          : ":value: ";
  return flags.map((flag) => `'*${flag}[${quotedIn(described(help))}]${action}'`);
}

/** A text in the description of \`_arguments\`, where some characters end it. */
function described(text: string): string {
  return text.replaceAll(/[\\[\]:"$`]/g, String.raw`\$&`);
}

function quotedIn(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

function quoted(text: string): string {
  return `'${quotedIn(text)}'`;
}
