/** Mutants that behave as the source does, so that no test can notice them: each with the reason. */
import { readFileSync } from 'node:fs';
import { type Found, ROOT } from './folders.ts';
import { lineOf } from './mutants.ts';

export interface Same {
  readonly file: string;
  /** The line of the source that holds it, without the space around. */
  readonly line: string;
  readonly was: string;
  readonly is: string;
  readonly why: string;
}

export const SAME: readonly Same[] = [];

export function reasonOf({ file, mutant }: Found): string | undefined {
  const source = readFileSync(`${ROOT}/${file}`, 'utf8');
  const line = source.split('\n')[lineOf(source, mutant) - 1]?.trim();
  const { was, is } = mutant;
  return SAME.find((each) => each.file === file && each.line === line && each.was === was && each.is === is)
    ?.why;
}
