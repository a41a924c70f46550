/** The figures as people read them. */
import { ANSWERED, type Row, SLOWER, type Total, totalOf, type Verdict } from './figures.ts';
import type { Claim } from './stretch.ts';

const CLAIMS: Readonly<Record<Claim, string>> = {
  must: 'Clients may notice nothing (no fault, a move, or a fault of what requests do not need)',
  needed: 'A store that the phase needs was struck: requests fail by its contract',
  own: 'The processes that answer requests were struck',
};

const HEAD =
  'fault                                                  struck  requests  answered      p50    p99   calm  worst  slow s  silence  not answered';

/** A table for each visit of a phase. */
export function tableLines(rows: readonly Row[]): string[] {
  const visits = [...new Set(rows.map(({ visit }) => visit))];
  return visits.flatMap((visit) => {
    const own = rows.filter((row) => row.visit === visit);
    return [
      '',
      `${visit}: times in ms, beside the p99 of its calm seconds`,
      HEAD,
      ...merged(own).map(rowLine),
    ];
  });
}

/** Calm seconds of one visit are one row. */
function merged(rows: readonly Row[]): Row[] {
  const [calm, ...more] = rows.filter(({ kind }) => kind === 'calm');
  const others = rows.filter(({ kind }) => kind !== 'calm');
  if (calm === undefined) return others;
  return [[calm, ...more].reduce(together), ...others];
}

function together(a: Row, b: Row): Row {
  return {
    ...a,
    ...{ requests: a.requests + b.requests, answered: a.answered + b.answered },
    ...{ seconds: a.seconds + b.seconds, slow: a.slow + b.slow, silence: Math.max(a.silence, b.silence) },
    ...{ p50: Math.max(a.p50, b.p50), p99: Math.max(a.p99, b.p99) },
    worst: a.worst === null || b.worst === null ? (a.worst ?? b.worst) : Math.max(a.worst, b.worst),
    why: totalOf([a, b], () => true).why,
  };
}

const NAMES: Readonly<Record<Row['kind'], (row: Row) => string>> = {
  calm: () => 'none: calm seconds',
  move: ({ name }) => `none: the move ${name}`,
  fault: ({ name, claim }) => `${claim === 'needed' ? 'NEEDED ' : claim === 'own' ? 'ITSELF ' : ''}${name}`,
};

function rowLine(row: Row): string {
  const number = (value: number, width: number) => String(Math.round(value)).padStart(width);
  const worst = row.worst === null ? '-' : row.worst.toFixed(1);
  const struck = row.kind === 'fault' ? number(row.struck, 8) : '-'.padStart(8);
  return [
    `${NAMES[row.kind](row).slice(0, 52).padEnd(53)}${struck}${number(row.requests, 10)}`,
    `${percent(row).padStart(11)}${number(row.p50, 9)}${number(row.p99, 7)}`,
    `${row.calm === null ? '-'.padStart(7) : number(row.calm, 7)}${worst.padStart(7)}`,
    `${`${row.slow}/${row.seconds}`.padStart(8)}${number(row.silence, 9)}  ${reasons(row.why)}`,
  ].join('');
}

export function verdictLines({ all, calm, claims, isAnswered, isFast, idle }: Verdict): string[] {
  return [
    '',
    `All requests: ${totalText(all)}`,
    ...(Object.keys(CLAIMS) as Claim[]).map((claim) => `${CLAIMS[claim]}: ${totalText(claims[claim])}`),
    '',
    `Answered, where clients may notice nothing: ${percent(claims.must)}, must be ${(100 * ANSWERED).toFixed(2)} %: ${isAnswered ? 'REACHED' : 'MISSED'}`,
    `p99 of each second at most ${SLOWER} times that of calm seconds: ${claims.must.slow - calm.slow} of ${claims.must.seconds - calm.seconds} seconds above it, of ` +
      `the calm seconds themselves ${calm.slow} of ${calm.seconds}: ${isFast ? 'REACHED' : 'MISSED'}`,
    ...(idle.length === 0 ? [] : [`THESE HAVE STRUCK NOTHING, so they prove nothing: ${idle.join('; ')}`]),
  ];
}

function totalText(total: Total): string {
  const left = total.requests - total.answered;
  return `${total.requests}, of which ${left} were not answered (${percent(total)} answered); ${reasons(total.why)}`;
}

/** Never rounded up to all of them. */
function percent({ requests, answered }: Pick<Total, 'requests' | 'answered'>): string {
  if (requests === 0) return '-';
  return `${(Math.floor((answered / requests) * 100_000) / 1000).toFixed(3)} %`;
}

function reasons(why: Readonly<Record<string, number>>): string {
  const all = Object.entries(why).sort(([, a], [, b]) => b - a);
  return all.length === 0 ? 'none' : all.map(([reason, times]) => `${times} ${reason}`).join(', ');
}
