import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface TypedTextProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly set: (text: string) => void;
  readonly field?: RefObject<HTMLInputElement | null>;
  readonly class?: string;
}

const PAUSE_MS = 200;

/** A field whose text counts when nothing was typed for a moment, or when the field is left. */
export function TypedText({
  label,
  placeholder,
  value,
  set,
  field,
  class: name = "",
}: TypedTextProps): JSX.Element {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The page may show something else by the time that the text counts.
  const now = useRef({ set, value });
  now.current = { set, value };
  useEffect(() => () => clearTimeout(timer.current), []);
  // Something else, such as going back, may have changed it.
  useEffect(() => setTyped(value), [value]);
  const take = (text: string): void => {
    if (text !== now.current.value) now.current.set(text);
  };
  return (
    <input
      {...(field === undefined ? {} : { ref: field })}
      type="text"
      class={name}
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      spellcheck={false}
      onInput={({ currentTarget: { value: text } }) => {
        setTyped(text);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => take(text), PAUSE_MS);
      }}
      onChange={({ currentTarget: { value: text } }) => {
        clearTimeout(timer.current);
        take(text);
      }}
    />
  );
}
