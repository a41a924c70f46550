/** What is wrong with something that was parsed, as its sender reads it: where it is, and what was expected there. */
import * as v from 'valibot';
import { described, shortened } from './quoted.ts';

/** Characters of a path: its names are the sender's. */
const LONGEST_PATH = 300;

/** Where it is, and what is wrong there. Never what stands there: that may be a value of a document, of any length. */
export function issueText(issue: v.BaseIssue<unknown>): string {
  const missing = issue.type === 'strict_object' || issue.type === 'object' || issue.type === 'variant';
  const message =
    missing && issue.received === 'undefined'
      ? 'it is missing'
      : issue.type === 'strict_object' && issue.expected === 'never'
        ? 'there is no such member'
        : withoutValue(issue);
  return `${shortened(v.getDotPath(issue) ?? 'the whole', LONGEST_PATH)}: ${message}`;
}

/** The library's own messages end with what was received. Messages of our own schemas quote nothing. */
function withoutValue({ message, received, input }: v.BaseIssue<unknown>): string {
  const end = `eceived ${received}`;
  return message.endsWith(end)
    ? `${message.slice(0, message.length - received.length)}${described(input)}`
    : message;
}

/** All that is wrong with a value, and not only the first member that there is not: the parser stops at it. Empty where nothing is. */
export function issueTexts(schema: v.GenericSchema, value: unknown): string[] {
  const unknown: string[] = [];
  for (let left = value; ; ) {
    const { issues = [] } = v.safeParse(schema, left);
    const found = issues.filter(({ type, expected }) => type === 'strict_object' && expected === 'never');
    if (found.length === 0) return [...unknown, ...issues.map(issueText)];
    for (const issue of found) {
      unknown.push(issueText(issue));
      left = without(left, issue.path?.map(({ key }) => key) ?? []);
    }
  }
}

/** A copy without the member at a path. */
function without(value: unknown, [key, ...rest]: readonly unknown[]): unknown {
  const name = String(key);
  if (Array.isArray(value))
    return value.map((each, index) => (index === Number(name) ? without(each, rest) : each));
  const { [name]: member, ...others } = value as Record<string, unknown>;
  return rest.length === 0 ? others : { ...others, [name]: without(member, rest) };
}
