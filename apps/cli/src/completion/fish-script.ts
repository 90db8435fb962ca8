import { everyCommand, type CompletedCommand, type CompletedOption } from "./command-tree.ts";

/** A script for fish that completes the commands and options of a program, and says what each is for. */
export function fishScript(program: CompletedCommand): string {
  const all = everyCommand(program);
  return `# Completes parrot in fish. Save it as: parrot completion fish > ~/.config/fish/completions/parrot.fish
function __parrot_at
    set -l path ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$path $word")
        if contains -- $next ${all.flatMap(({ path }) => (path === "" ? [] : [quoted(path)])).join(" ")}
            set path $next
        end
    end
    test "$path" = "$argv[1]"
end
complete -c parrot -f
${all.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ path, commands, options, takesFiles }: CompletedCommand): readonly string[] {
  const here = `complete -c parrot -n ${quoted(`__parrot_at ${quoted(path)}`)}`;
  return [
    ...(takesFiles && commands.length === 0 ? [`${here} -F`] : []),
    ...commands.map(
      (each) =>
        `${here} -a ${quoted(each.path.slice(each.path.lastIndexOf(" ") + 1))} -d ${quoted(each.summary)}`,
    ),
    ...options.map((option) => `${here} ${spelled(option)} -d ${quoted(option.help)}`),
  ];
}

function spelled({ flags, value, choices }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const after =
    value === "none"
      ? []
      : value === "choice"
        ? [`-x -a ${quoted(choices.join(" "))}`]
        : [value === "file" ? "-r -F" : "-x"];
  return [...names, ...after].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`)}'`;
}
