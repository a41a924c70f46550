/** What is wrong with something that was parsed, as its sender reads it. */
import * as v from 'valibot';

/** Where it is, and what is wrong there. */
export function issueText(issue: v.BaseIssue<unknown>): string {
  const missing = issue.type === 'strict_object' || issue.type === 'object' || issue.type === 'variant';
  const message =
    missing && issue.received === 'undefined'
      ? 'it is missing'
      : issue.type === 'strict_object' && issue.expected === 'never'
        ? 'there is no such member'
        : issue.message;
  return `${v.getDotPath(issue) ?? 'the whole'}: ${message}`;
}
