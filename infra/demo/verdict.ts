/** What is said at the end: figures, and whether anything that was acknowledged is missing. */
import type { Fault } from './book.ts';
import type { Figures, Tally } from './tally.ts';

/** What the demo knows by itself. */
export interface Found {
  readonly seed: number;
  /** Seconds. */
  readonly took: number;
  /** In both stores before it began, and that clients have added. */
  readonly documents: number;
  readonly acknowledged: number;
  /**
   * Past the API: writes and deletions of the old service that Couchbase took, before its right was taken away; and of a job at night, those that came too
   * late, and those of them that the operator has written again.
   */
  readonly past: { readonly taken: number; readonly late: number; readonly restored: number };
  readonly faults: readonly Fault[];
  /** Of phases, in the order in which they were entered. */
  readonly way: readonly string[];
  /** Lines of what SQL has answered; none where it was not asked. */
  readonly answer: readonly string[];
  /** Why it did not come to its end; null where it did. */
  readonly broken: string | null;
  /** How busy this machine was in the last minutes, and whether that is too busy for the demo. */
  readonly machine: { readonly isSlow: boolean; readonly measured: string };
}

export interface Verdict extends Found {
  readonly lost: number;
  readonly resurrected: number;
  readonly stale: number;
  readonly diverged: number;
  readonly failed: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly longestRequest: number;
  readonly longestSilence: number;
  readonly phases: Readonly<Record<string, Figures>>;
}

export function verdictOf(found: Found, tally: Tally): Verdict {
  const count = (kind: Fault['kind']) => found.faults.filter((fault) => fault.kind === kind).length;
  return {
    ...found,
    ...{ lost: count('lost'), resurrected: count('resurrected') },
    ...{ stale: count('stale'), diverged: count('diverged') },
    failed: Object.fromEntries(tally.failures),
    longestRequest: tally.total.longest,
    longestSilence: Math.round(tally.silence),
    phases: Object.fromEntries(tally.phases),
  };
}

export const [WELL, WRONG, COULD_NOT, TOO_SLOW] = [0, 1, 2, 3];

/** What is wrong counts, however busy the machine was; a slow machine explains no more than that the demo does not come to its end. */
export function exitCodeOf({ faults, broken, machine }: Found): number {
  if (faults.length > 0) return WRONG;
  if (broken === null) return WELL;
  return machine.isSlow ? TOO_SLOW : COULD_NOT;
}

/** Faults that are told one by one. */
const MOST = 10;

export function verdictLines(verdict: Verdict): string[] {
  const { documents, acknowledged, past, failed, faults, took, way } = verdict;
  const why = Object.entries(failed).map(([problem, times]) => `${times} ${problem}`);
  const all = Object.values(verdict.phases).reduce((sum, { requests }) => sum + requests, 0);
  return [
    '',
    `The way      ${way.join(' → ')}`,
    `Took         ${took} s, with ${documents} documents`,
    `Requests     ${all}, of which ${acknowledged} writes were acknowledged`,
    `Past the API ${past.taken} writes and deletions of the old service; ${past.late} more came too late, were set aside, and ${past.restored} were restored`,
    `Lost         ${verdict.lost}`,
    `Resurrected  ${verdict.resurrected}`,
    `Diverged     ${verdict.diverged}`,
    `Stale reads  ${verdict.stale}`,
    `Failed       ${why.length === 0 ? 0 : why.join(', ')}`,
    `Longest      ${verdict.longestRequest} ms for one request; for ${verdict.longestSilence} ms nobody was served`,
    '',
    'phase       requests  failed    p50    p99  longest (ms)',
    ...Object.entries(verdict.phases).map(phaseLine),
    '',
    ...(verdict.answer.length === 0 ? [] : [...verdict.answer, '']),
    ...faults.slice(0, MOST).map(({ kind, key, detail }) => `${kind}: ${key}: ${detail}`),
    ...(faults.length > MOST ? [`and ${faults.length - MOST} more`] : []),
    ...endLines(verdict),
  ];
}

function endLines(verdict: Verdict): string[] {
  const { faults, broken, machine } = verdict;
  const wrong = faults.length === 0 ? [] : ['THE SERVICE WAS WRONG.'];
  if (broken === null) return faults.length > 0 ? wrong : ['Nothing that was acknowledged is missing.'];
  return [
    ...wrong,
    `The demo did not come to its end. ${broken}`,
    ...(machine.isSlow
      ? [
          `THIS MACHINE IS TOO SLOW OR TOO BUSY for the demo: in the last minutes ${machine.measured}.`,
          faults.length > 0
            ? 'That does not explain what is listed above.'
            : 'It is not data that was lost: the figures above tell how far it came, and no client has missed anything.',
          'Run it again when less is running beside it, or with fewer requests: npm run demo -- --rate 10',
        ]
      : [
          `This machine was not too busy (in the last minutes ${machine.measured}): the fault may be in Crossfade.`,
          'Please report it, with all that is printed above.',
        ]),
  ];
}

function phaseLine([phase, { requests, failed, p50, p99, longest }]: [string, Figures]): string {
  const cell = (value: number, width: number) => String(value).padStart(width);
  return `${phase.padEnd(10)}${cell(requests, 10)}${cell(failed, 8)}${cell(p50, 7)}${cell(p99, 7)}${cell(longest, 9)}`;
}
