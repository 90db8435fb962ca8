const [QUOTE, COMMA, LIST, OBJECT] = ['"', ",", "[", "{"].map((each) => each.charCodeAt(0));

/** About how many values a JSON text has, whatever is in its strings. Each takes more memory than its text. */
export function countValues(json: string): number {
  let count = 0;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (code === QUOTE) index = endOfString(json, index);
    else if (code === COMMA || code === LIST || code === OBJECT) count += 1;
  }
  return count;
}

function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1))
    if (!isEscaped(json, end)) return end;
  return json.length;
}

/** Whether a character is one after a backslash that is not escaped itself. */
function isEscaped(json: string, index: number): boolean {
  let first = index;
  while (json[first - 1] === "\\") first -= 1;
  return (index - first) % 2 === 1;
}
