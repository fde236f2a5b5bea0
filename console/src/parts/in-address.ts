import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';

/**
 * A choice that the page's address remembers (`?status=active`): a reload, the way back and a shared link show
 * the same. What the address does not say, or says wrongly, is the usual one.
 * @param key unique among what is shown at once
 */
export function useChoiceInAddress<T extends string>(
  key: string,
  options: readonly { readonly value: T }[],
  usual: T,
): readonly [value: T, choose: (value: T) => void] {
  const [text, setText] = useTextInAddress(key);
  const value = options.find((option) => option.value === text)?.value ?? usual;
  return [value, (chosen) => setText(chosen === usual ? '' : chosen)];
}

/** The same for any text, such as an id; empty when the address has none. */
export function useTextInAddress(
  key: string,
  replace = false,
): readonly [text: string, set: (text: string) => void] {
  const navigate = useNavigate();
  const text = useRouterState({ select: ({ location }) => textIn(location.search, key) });
  const set = (next: string): void => {
    const search = (before: object): object => ({ ...before, [key]: valueOf(next) });
    void navigate({ to: '.', search: search as never, replace, resetScroll: false });
  };
  return [text, set];
}

const pauseMs = 250;

/** The same for what is typed: the address has it after a pause, and no letter is a step back. */
export function useTypedInAddress(key: string) {
  const [text, setText] = useTextInAddress(key, true);
  const [typed, setTyped] = useState(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // The address changes by itself: back, forward.
    if (timer.current === undefined) setTyped(text);
  }, [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (next: string): void => {
    setTyped(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setText(next);
    }, pauseMs);
  };
  return { typed, type, text } as const;
}

function textIn(search: object, key: string): string {
  const value = (search as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Whole numbers stand in the address as they are; other texts that look like JSON would be quoted. */
function valueOf(text: string): string | number | undefined {
  if (text === '') return undefined;
  return /^\d{1,9}$/.test(text) && String(Number(text)) === text ? Number(text) : text;
}
