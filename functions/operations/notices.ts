/**
 * What operators are told past the console: that a move is ready and waits for them or for a window, and that one was made. Only of collections whose
 * moves are held or have windows. A ready move is told once, and again each day for as long as it stands there.
 */
import type { Condition } from '../control/condition.ts';
import { isReady, waitText } from '../control/hold.ts';
import type { Move } from '../control/publish.ts';
import { movedText } from '../control/ramp.ts';
import type { Stepped } from '../control/seen.ts';
import type { Phase } from '../protocol/phase.ts';

export interface Notice {
  /** ASCII, of at most 100 characters. */
  readonly subject: string;
  readonly message: string;
}

/** The ready move that operators were told of last. */
export interface Told {
  /** Of the phase that it leaves. */
  readonly version: number;
  readonly to: Phase;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface NoticePorts {
  /** What tells deployments apart. */
  readonly deployment: string;
  /** Rejects where it was not taken. Null where the deployment names nobody who is told. */
  readonly publish: ((notice: Notice) => Promise<void>) | null;
  told(collection: string): Promise<Told | null>;
  keep(collection: string, told: Told): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whether there is time for one more. */
  timely(): boolean;
  count(metric: string, value: number): void;
  warn(message: string, about: Readonly<Record<string, unknown>>): void;
}

/** Milliseconds after which operators are told again of a move that is still ready. */
export const AGAIN = 86_400_000;

/** What a ready move waits for; null where it is not ready, or waits for its gate. */
function readyIn({
  decision,
}: Stepped): { readonly to: Phase; readonly conditions: readonly Condition[] } | null {
  return decision.kind === 'wait' && isReady(decision.conditions) ? decision : null;
}

/** How many moves are ready, and wait for an operator or a window alone. */
export function readyMoves(stepped: readonly Stepped[]): readonly Stepped[] {
  return stepped.filter((each) => readyIn(each) !== null);
}

/** Never rejects: moves wait for nobody who is told. What was not taken of a ready move is told with the next look. */
export async function tellOperators(stepped: readonly Stepped[], ports: NoticePorts): Promise<void> {
  const { publish, count, warn } = ports;
  if (publish === null) return;
  let unsent = 0;
  for (const each of stepped.filter(({ told }) => told)) {
    try {
      const due = await dueOf(each, ports);
      if (due === null) continue;
      // One that is not taken is followed by others that are not: each would use up the time of what comes after.
      if (unsent > 0 || !ports.timely()) {
        unsent++;
        continue;
      }
      await publish(due.notice);
      await due.sent();
    } catch (error) {
      unsent++;
      warn(
        'NOTICE_UNSENT: operators were not told of a move; a ready one is told with the next look. Look at the topic, at the right sns:Publish, at the key of the ' +
          'topic and, in a VPC, at the way to SNS',
        { collection: each.collection, cause: String(error) },
      );
    }
  }
  count('NoticesUnsent', unsent);
}

/** What is to be told of a collection now, and what to do once it was; null for nothing. */
async function dueOf(
  each: Stepped,
  { deployment, told, keep, now }: NoticePorts,
): Promise<{ readonly notice: Notice; sent(): Promise<void> } | null> {
  const { collection, version, moved } = each;
  if (moved !== null) return { notice: noticeOfMove(collection, moved, deployment), sent: async () => {} };
  const ready = readyIn(each);
  if (ready === null) return null;
  const before = await told(collection);
  const same = before?.version === version && before.to === ready.to;
  if (same && now() - before.at < AGAIN) return null;
  const notice = noticeOfReady(collection, each.decision.phase, ready, deployment);
  return { notice, sent: () => keep(collection, { version, to: ready.to, at: now() }) };
}

function noticeOfReady(
  collection: string,
  from: Phase,
  { to, conditions }: { readonly to: Phase; readonly conditions: readonly Condition[] },
  deployment: string,
): Notice {
  const waits = (kind: Condition['kind']) => conditions.find((each) => each.kind === kind && !each.holds);
  // A window that never opens names the command that goes without; for one that does nobody has to do anything.
  const never = waits('window')?.command === undefined ? undefined : waits('window');
  const held = never ?? waits('hold');
  return {
    subject: `Crossfade: ${collection} is ready for ${to}`,
    message: [
      `READY: ${collection} is ready for the move from ${from} to ${to}, of the deployment ${deployment}.`,
      `It waits: ${waitText(conditions)}.`,
      nextText(collection, held),
      ...measuredLines(conditions),
    ].join('\n'),
  };
}

/** @param held that an operator has to let through; undefined where a window opens by itself. */
function nextText(collection: string, held: Condition | undefined): string {
  if (held === undefined)
    return `It begins by itself when the window opens. For it not to begin: npx crossfade hold ${collection}`;
  // One that cannot be read says itself what to do.
  return held.command === undefined
    ? `Look: npx crossfade status ${collection}`
    : `To let it through: ${held.command}`;
}

function noticeOfMove(collection: string, move: Move, deployment: string): Notice {
  const { from, to, share, by, why } = move;
  const what = share === undefined ? `has moved from ${from} to ${to}` : `is in ${movedText(move)}`;
  return {
    subject: `Crossfade: ${collection} ${share === undefined ? `has moved to ${to}` : `has a share of ${share} %`}`,
    message: [
      `MOVED: ${collection} ${what}, of the deployment ${deployment}, by ${by}.`,
      `What comes next: npx crossfade plan ${collection}`,
      `Why: ${why}`,
    ].join('\n'),
  };
}

function measuredLines(conditions: readonly Condition[]): string[] {
  return ['What was measured:', ...conditions.map(({ name, measured }) => `- ${name}: ${measured}`)];
}
