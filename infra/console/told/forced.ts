/** Forced moves, and what they put at risk, as people read it. */

import type { Seen } from '../../../functions/control/seen.ts';
import type { AtRisk, Forced } from '../../../functions/operations/at_risk.ts';
import type { Risk } from '../../../functions/operations/risks.ts';
import { markIn } from '../../../functions/phases/forced_mark.ts';
import { askedLines } from './asked.ts';
import { instant } from './time.ts';

export type { Forced } from '../../../functions/operations/at_risk.ts';

/** Which moves of a collection were forced, and what heals that. Functions of the version before tell none. */
export function forcedMoveLines({ forced = [], heals = null }: Pick<Seen, 'forced' | 'heals'>): string[] {
  if (forced.length === 0) return [];
  return [
    ...forced.map(
      ({ from, to, at, by, why, claim }) =>
        `  FORCED   ${from} → ${to} at ${instant(at)}${by === null ? `: its claim ${claim} is gone` : ` by ${by}: ${why}`}`,
    ),
    ...(heals === null
      ? []
      : [`           it is healed by a clean verification of all keys by content: ${heals}`]),
  ];
}

/** @param forced functions of the version before tell no kinds. */
export function forcedLines(
  { atRisk, moved, asked, audited, because }: Forced,
  collection: string,
): string[] {
  return [
    ...(atRisk.risks === undefined ? oldLines(atRisk) : riskLines(atRisk, collection)),
    ...(audited === false
      ? [
          `The audit log has no entry of it: ${because}. SSM says who and why: the claim of the move, or the request.`,
        ]
      : []),
    ...(moved !== null
      ? [`The phase went from ${moved.from} to ${moved.to}.`]
      : asked === undefined
        ? ['Nothing was done. Say --confirm to move.']
        : askedLines(asked)),
    ...(moved === null || markIn(moved.by).length === 0
      ? []
      : [`npx crossfade status ${collection} tells that moves were forced, until a verification heals it.`]),
  ];
}

/** A store that is away is the reason of many lines: it is told once. */
function kindLines(risks: readonly Risk[]): string[] {
  const width = Math.max(...risks.map(({ name }) => name.length));
  const reasons = risks.flatMap(({ count, why }) => (count === null && why !== null ? [why] : []));
  const shared = reasons.find((why, n) => reasons.indexOf(why) !== n) ?? null;
  const line = ({ name, what, count, atLeast, why }: Risk) => {
    const known = atLeast > 0 ? `${atLeast} or more` : 'not known';
    const told = count === null ? `${known}${why === shared ? '' : `, because ${why}`}` : `${count}`;
    return `  ${name.padEnd(width)}  ${told}   (${what})`;
  };
  return [...risks.map(line), ...(shared === null ? [] : [`  Not known, because ${shared}`])];
}

function riskLines({ risks, receipts, compared }: AtRisk, collection: string): string[] {
  return [
    'Keys at risk:',
    ...kindLines(risks),
    receipts === null
      ? '  receipts on their way: not known, because SQS does not answer.'
      : `  receipts, as SQS counts them, approximately and for all collections: ${receipts.delayed} on their way, ${receipts.due} due, ${receipts.hidden} in work.`,
    ...(compared === null
      ? []
      : [
          `The last verification of all keys, ${compared.id}, began ${instant(compared.started)} in phase ${compared.phase} and compared ${compared.options.mode}s.`,
        ]),
    ...risks.flatMap(({ name, keys }) => keys.map(({ key, why }) => `  ${listedLine(name, key, why)}`)),
    `All of them: npx crossfade force ${collection} --list`,
  ];
}

export function listedLine(kind: string, key: string | null, why: string): string {
  return `${kind} ${key === null ? 'no known document' : JSON.stringify(key)}: ${why}`;
}

function oldLines({ unknown, keys }: AtRisk): string[] {
  return [
    'The functions are of the version before: they tell some of the keys at risk only.',
    ...(unknown === null ? [] : [`What is at risk cannot be told: ${unknown}`]),
    ...keys.map(({ key, why }) => `  ${JSON.stringify(key)}: ${why}`),
  ];
}
