/** A game day: something goes wrong, an operator does what the manual says, and the service is as it was. */
import type { Field } from './field.ts';

/** A row of a table of the operators' manual. */
export interface Row {
  /** `sections`: it is told of in words, and is in no table. */
  readonly table: 'alarms' | 'messages' | 'sections';
  /** Of alarms, or how messages begin, as they stand in the first column. */
  readonly signs: readonly string[];
  /** What an alarm means; messages say it themselves. */
  readonly happened?: string;
  /** With the commands that do it. */
  readonly advice: string;
}

export interface Day {
  readonly name: string;
  readonly row: Row;
  /** Those of the row's alarms that go off on this day: all of them if it does not say. */
  readonly alarms?: readonly string[];
  /** Makes it go wrong. */
  provoke(field: Field): Promise<void>;
  /** What can be seen beside the alarms. Throws where it cannot be seen. */
  expect?(field: Field): Promise<void>;
  /** Does what the row says, with the commands that it names. */
  remedy(field: Field): Promise<void>;
  /** What must be so afterwards, beside alarms that are silent again. Throws where it does not come to be. */
  healed?(field: Field): Promise<void>;
  /** Whether no client writes or reads. */
  readonly isQuiet?: true;
  /** Which stores hold everything after it; both if it does not say. Such a day is the last of its family. */
  readonly held?: 'both' | 'couchbase';
}

/** Alarms that must go off on a day. */
export function alarmsOf({ row, alarms }: Day): readonly string[] {
  return alarms ?? (row.table === 'alarms' ? row.signs : []);
}

/** The commands of `npx crossfade` that a text names: the words up to a name in capitals, an option or an ellipsis. */
export function commandsIn(text: string): string[] {
  return [...text.matchAll(/`npx crossfade ([^`]+)`/g)].map(([, words = '']) => {
    const all = words.split(' ');
    const end = all.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
    return (end < 0 ? all : all.slice(0, end)).join(' ');
  });
}
