/**
 * What goes into the log. Our own messages name no value of a document. The errors of drivers and of JavaScript, which stand behind them as their
 * causes, may quote one: of them the log has names, codes and places. Here, and nowhere else, keys become their hashes.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { withKeys } from '../parsing/keys_in_text.ts';
import { shortened } from '../parsing/quoted.ts';
import type { KeyNames } from './key_names.ts';

/** Characters of a message, and errors behind one another. */
const [LONGEST, DEEPEST] = [4000, 5];
const CODE = /^[\w.-]{1,60}$/;
/** Errors of JavaScript that quote what they were given. */
const QUOTING: readonly string[] = ['SyntaxError', 'RangeError', 'URIError', 'AssertionError'];

type Shown = KeyNames['shown'];
type Attributes = Readonly<Record<string, unknown>>;

/** @param keys how keys are shown; as they are if not given: where there are none. */
export function loggerOf(keys: { readonly shown: Shown } = { shown: (key) => key }): Logger {
  return new Logger({ serviceName: 'crossfade', jsonReplacerFn: inLog(keys.shown) });
}

/** For `JSON.stringify` of a line. */
export function inLog(shown: Shown): (name: string, value: unknown) => unknown {
  return (name, value) => {
    if (value instanceof Error) return told(value);
    if (name === 'keys' && Array.isArray(value))
      return value.map((each) => (typeof each === 'string' ? shown(each) : each));
    if (typeof value !== 'string') return value;
    return name === 'key' ? shown(value) : withKeys(value, shown);
  };
}

/**
 * What an invocation that fails rejects with: Lambda writes all that an error has into the log, the errors behind it included, and hands
 * name and message on to who has invoked it.
 */
export function plainError(error: unknown, shown: Shown): Error {
  const { name, message, stack } = told(error instanceof Error ? error : new Error('no error was thrown'));
  const plain = new Error(withKeys(message, shown));
  const hidden = (value: string) => ({ value, enumerable: false, configurable: true });
  return Object.defineProperties(plain, { name: hidden(name), stack: hidden(withKeys(stack, shown)) });
}

/** Middleware: see `plainError`. */
export function failingPlainly({ shown }: { readonly shown: Shown }) {
  return {
    onError: (request: { error: Error | null }) => {
      request.error = plainError(request.error, shown);
    },
  };
}

interface Told extends Attributes {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

function told(error: Error, depth = 1): Told {
  const { name, stack = '', cause, ...more } = error;
  const message = messageOf(error);
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const { code, $metadata } = more as { code?: unknown; $metadata?: unknown };
  return {
    ...{ name, location: /\(([^()]*:\d+):\d+\)$/.exec(frames[0] ?? '')?.[1] ?? '', message },
    stack: [`${name}: ${message}`, ...frames].join('\n'),
    ...(typeof code === 'string' && CODE.test(code) && { code }),
    // Of AWS: the status, and the id of the request.
    ...($metadata !== undefined && { $metadata }),
    // What else a driver puts there has keys, statements and rows.
    ...(cause instanceof Error && depth < DEEPEST && { cause: told(cause, depth + 1) }),
  };
}

function messageOf(error: Error): string {
  const codes = /^(?:ORA|NJS|DPI)-\d+/.test(error.message)
    ? Array.from(error.message.matchAll(/^(?:ORA|NJS|DPI|JZN)-\d+/gm), ([code]) => code)
    : [];
  if (codes.length > 0) return `${codes.join(', ')}: its words may quote a row, and are not shown`;
  // Node's own name a code, and quote the argument that they refuse.
  const quotes = QUOTING.includes(error.name) || (error instanceof TypeError && 'code' in error);
  return quotes ? 'its words may quote a value, and are not shown' : shortened(error.message, LONGEST);
}
