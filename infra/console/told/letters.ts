/** Dead letters, as people read them. */
import type { Choice } from '../../../functions/books/left_out.ts';
import type { Wanted } from '../../../functions/books/letters.ts';
import type { Listed, Redriven } from '../../../functions/operations/dead_letters.ts';
import type { ChoiceMade } from '../../../functions/operations/leave_out.ts';
import { instant } from './time.ts';

const LIST = 'npx crossfade dead-letters list';

/**
 * @param each whether the letters themselves are wanted, and not their causes alone.
 * @param filtered whether some of the letters are wanted, and not all.
 */
export function letterLines(
  { groups, letters, open, ofNobody, complete, callers = [], leftOut = [] }: Listed,
  each: boolean,
  filtered: boolean,
): string[] {
  const more = open > letters.length ? [`  These are the oldest ${letters.length} of ${open}.`] : [];
  const told = letters.map(
    ({ collection, key, reason }) => `  ${collection ?? '-'} ${JSON.stringify(key)}: ${reason}`,
  );
  const none = filtered ? `No dead letter is like that. All of them: ${LIST}` : 'There are no dead letters.';
  return [
    ...(groups.length === 0 ? [none] : []),
    ...groups.map(({ cause, count, oldest }) => `${documents(count)}, since ${instant(oldest)}: ${cause}`),
    ...callers.map(
      ({ caller, count, oldest }) => `${documents(count)}, since ${instant(oldest)}, written by ${caller}`,
    ),
    ...leftOut.map((choice) => `Left out since ${instant(choice.at)}: ${whose(choice)}`),
    ...(each ? [...told, ...more] : []),
    ...(ofNobody > 0
      ? [`${messages(ofNobody)} of no known document, which hold every collection: ${LIST}`]
      : []),
    ...(complete === false
      ? ['The queue has more messages than one request could read: run the command again.']
      : []),
  ];
}

/** Whether nothing was set aside that holds what is asked about. */
export function isWell({ groups, ofNobody, complete }: Listed): boolean {
  return groups.length === 0 && !(ofNobody > 0) && complete !== false;
}

/** What was done, what is left, and why. @param how they were closed. */
export function closedLines({ done, skipped, open }: Redriven, how: string): string[] {
  const rest = open - skipped;
  return [
    `${documents(done)} ${how}.`,
    ...(skipped > 0
      ? [
          `${skipped} still open: the message is too long for a letter, and only the queue of dead letters has it whole. Discard it, or move it to the queue of receipts.`,
        ]
      : []),
    ...(rest > 0
      ? [
          `${rest} still open: there was no time for more, or they were set aside again meanwhile. Run the command again.`,
        ]
      : []),
  ];
}

/** What was chosen, and what became of the letters that were open; null where that was undone. */
export function choiceLines(made: ChoiceMade, undo: boolean, closed: Redriven | null): string[] {
  const done = undo
    ? `From now on they are set aside again: ${whose(made)}. What was left out stays so until it is written again.`
    : `From now on they are left out, and hold no gate: ${whose(made)}. Oracle never gets them.`;
  const before = undo
    ? `No such choice holds, and nothing was changed: ${whose(made)}. Those that hold: ${LIST} --collection NAME`
    : `That was so already: ${whose(made)}.`;
  return [made.changed ? done : before, ...(closed === null ? [] : closedLines(closed, 'given up'))];
}

/** @param others letters of the same caller or keys that no choice closes. */
export function othersLines(others: number, wanted: Wanted): string[] {
  const { collection, caller, prefix } = wanted;
  const options = Object.entries({ caller, prefix }).flatMap(([name, text]) =>
    text === undefined ? [] : [` --${name} ${JSON.stringify(text)}`],
  );
  if (others === 0) return [];
  return [
    `${others} of them stay open, for another reason: ${LIST} --collection ${collection}${options.join('')}`,
  ];
}

function whose({ of, subject }: Choice): string {
  return of === 'caller'
    ? `what Oracle can never take of what ${subject} writes`
    : `what Oracle can never take of keys that begin with ${JSON.stringify(subject)}`;
}

function documents(count: number): string {
  return count === 1 ? '1 document' : `${count} documents`;
}

function messages(count: number): string {
  return count === 1 ? '1 message is' : `${count} messages are`;
}
