/** A diagnosis as people read it. */
import { type Line, type Side, STATES } from '../../../functions/diagnosis/line.ts';

export interface Told {
  readonly from: Side;
  readonly lines: readonly Line[];
}

const HEADS: Readonly<Record<Side, string>> = {
  here: 'From this machine',
  functions: 'From the functions',
};
const INDENT = ' '.repeat(40);

/** To have seen nothing is no good end, for scripts least of all. Whether there is TLS is seen from the secret alone. */
export function endOf(sides: readonly Told[]): 'well' | 'bad' | 'nothing seen' {
  const lines = sides.flatMap((side) => side.lines);
  if (lines.some(({ state }) => state === 'bad')) return 'bad';
  const looked = lines.some(({ code, state }) => state !== 'unknown' && !code.endsWith('_TLS'));
  return looked ? 'well' : 'nothing seen';
}

/** What both sides see alike is said once. */
export function diagnosisLines(sides: readonly Told[]): string[] {
  const isShared = (line: Line) =>
    sides.length > 1 &&
    sides.every(({ lines }) =>
      lines.some(({ code, state, seen }) => code === line.code && state === line.state && seen === line.seen),
    );
  const shared = (sides[0]?.lines ?? []).filter(isShared);
  const own = sides.map(({ from, lines }) =>
    partOf(
      `${HEADS[from]}:`,
      lines.filter((line) => !isShared(line)),
    ),
  );
  return [
    ...(shared.length === 0 ? [] : partOf('From both sides alike:', shared)),
    ...own.flat(),
    ...sides.map(({ from, lines }) => {
      const counts = STATES.map((state) => `${lines.filter((each) => each.state === state).length} ${state}`);
      return `${HEADS[from]}: ${counts.join(', ')}`;
    }),
  ];
}

function partOf(head: string, lines: readonly Line[]): string[] {
  return [head, ...lines.flatMap(textsOf), ''];
}

function textsOf({ code, state, seen, todo }: Line): string[] {
  const first = `${state.padEnd(9)} ${code.padEnd(29)} ${seen}`;
  return todo === null ? [first] : [first, `${INDENT}→ ${todo}`];
}
