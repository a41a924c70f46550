/**
 * The guard: after each move forward it compares what requests get with the phase before, and where they are worse off, it sets the flags of the collection back. It moves no
 * phase: the controller takes the collection back as it does for an operator, by the same gates. Nothing goes forward again before an operator has set the flags anew.
 */
import {
  anewText,
  BACK_TO,
  cameBack,
  type GuardSettings,
  isReturnable,
  judged,
  type Measured,
  type Returnable,
  type Watch,
  watchOf,
} from '../control/guard.ts';
import { type Guarded, isWantedOn } from '../control/guarded.ts';
import type { LookPorts } from '../control/ports.ts';
import { type Change, changesToPhase } from '../phases/flags.ts';
import { type GuardNote, isTurnedBack, LONGEST_NOTE } from '../phases/guard_note.ts';
import type { Phase } from '../protocol/phase.ts';
import { CALLS, figuresOf, REQUESTS, type ReadLatencies, type Subject } from '../records/latencies.ts';
import type { NoticePorts } from './notices.ts';

export interface GuardPorts extends Pick<NoticePorts, 'deployment' | 'publish' | 'count' | 'warn'> {
  /** Null where nobody watches. */
  readonly settings: GuardSettings | null;
  readonly collections: readonly string[];
  /** Milliseconds. */
  readonly bake: number;
  /** Milliseconds that a request may take. */
  readonly longest: number;
  /** As it is now, in SSM. */
  guarded(collections: readonly string[]): Promise<readonly Guarded[]>;
  readonly read: ReadLatencies;
  keep(collection: string, note: GuardNote): Promise<void>;
  /** Sets the collection's own flags, one after the other. @returns the versions of all of them. */
  setFlags(collection: string, changes: readonly Change[]): Promise<readonly number[]>;
  readonly audit: LookPorts['audit'];
  /** Whether there is time for its writes. */
  timely(): boolean;
  readonly asked: AskedLatencies;
}

/** Milliseconds between two questions about one collection, and after one that was not answered. */
const [EACH, AWAY] = [55_000, 300_000];

/** Of one container: when CloudWatch was asked last. Each question is paid for. */
export class AskedLatencies {
  readonly #asked = new Map<string, number>();
  #away = Number.NEGATIVE_INFINITY;

  /** @param phase of a collection, and its version. @param now milliseconds since the epoch. */
  isDue(phase: string, now: number): boolean {
    return now >= this.#away && now >= (this.#asked.get(phase) ?? Number.NEGATIVE_INFINITY) + EACH;
  }

  noted(phase: string, now: number, answered: boolean): void {
    this.#asked.set(phase, now);
    if (!answered) this.#away = now + AWAY;
  }
}

/** Of a collection after the look. */
type State = Pick<Guarded, 'note' | 'own'> & { readonly isWatched?: boolean };

/** Never rejects: no move waits for it but by its note. */
export async function guard(ports: GuardPorts): Promise<void> {
  const { settings, collections, warn, count } = ports;
  if (settings === null) return;
  const states: State[] = [];
  try {
    for (const each of await ports.guarded(collections))
      states.push(await watched(each, settings, ports).catch((error: unknown) => failed(each, error, warn)));
  } catch (error) {
    warn('GUARD_FAILED: SSM does not tell where collections are; the next look watches them', {
      cause: String(error),
    });
  }
  const kinds = states.flatMap(({ note, isWatched }) => (isWatched && note !== null ? [note.kind] : []));
  count('GuardTurned', states.filter(({ note, own }) => isTurnedBack(note, own)).length);
  count('GuardBlind', kinds.filter((kind) => kind === 'unread').length);
  count('GuardWorse', kinds.filter((kind) => kind === 'worse' || kind === 'couchbase').length);
}

function failed(each: Guarded, error: unknown, warn: GuardPorts['warn']): State {
  warn('GUARD_FAILED: a collection was not watched; the next look watches it', {
    ...{ collection: each.collection, cause: String(error) },
  });
  return each;
}

async function watched(each: Guarded, settings: GuardSettings, ports: GuardPorts): Promise<State> {
  const { collection, standing, move, note } = each;
  const { version, now } = standing;
  if (note?.version === version && note.kind === 'turned') {
    // Whatever an operator has set afterwards stays.
    if (note.own !== null || !isReturnable(note.to)) return each;
    // One that has died in between.
    return isWantedOn(each) ? turn(each, note, note.to, ports) : finish(each, note, note.to, each.own, ports);
  }
  if (!isWantedOn(each)) return each;
  if (cameBack(move, standing)) return keepBack(each, ports);
  const watch = watchOf(move, standing, ports.bake, settings);
  if (watch === null) return each;
  const phase = `${collection} ${version}`;
  if (!ports.asked.isDue(phase, now)) return { ...each, isWatched: note?.version === version };
  const verdict = await verdictOn(watch, each, settings, ports);
  ports.asked.noted(phase, now, verdict.kind !== 'unread');
  const found: GuardNote = {
    ...{ from: watch.from, to: watch.to, version, at: now, own: null, kind: verdict.kind },
    told: verdict.told.slice(0, LONGEST_NOTE).toWellFormed(),
  };
  if (found.kind === 'worse' && isReturnable(watch.to))
    return turn(each, { ...found, kind: 'turned' }, watch.to, ports);
  return keepFound(each, found, ports);
}

/** So that the next move forward does not wait. Flags that the guard has set back, and nobody has set since, are more to know. */
async function keepBack(each: Guarded, ports: GuardPorts): Promise<State> {
  const { collection, standing, move, note, own } = each;
  const { version, now } = standing;
  if (move === null || note?.version === version || isTurnedBack(note, own) || !ports.timely()) return each;
  const came =
    move.share === 0 ? 'a share of the keys has come back' : `a move back from ${move.from} has led`;
  const told = `${came} to ${move.to}, and nothing is compared with it`;
  const found: GuardNote = { from: move.from, to: move.to, version, at: now, own: null, kind: 'back', told };
  await ports.keep(collection, found);
  return { note: found, own };
}

async function keepFound(each: Guarded, found: GuardNote, ports: GuardPorts): Promise<State> {
  const { collection, note, own } = each;
  const isSame = note?.version === found.version && note.kind === found.kind;
  if (!isSame || note.told !== found.told) await ports.keep(collection, found);
  if (!isSame && (found.kind === 'worse' || found.kind === 'couchbase')) await tell(each, found, ports);
  return { note: found, own, isWatched: true };
}

async function verdictOn(
  { from, to, before, since }: Watch,
  { collection, standing: { now } }: Guarded,
  settings: GuardSettings,
  { read, longest }: GuardPorts,
): Promise<Pick<GuardNote, 'kind' | 'told'>> {
  try {
    const [past, present] = await Promise.all([
      measured(read, collection, from, before.from, before.until),
      measured(read, collection, to, since, now),
    ]);
    return judged({ from, to }, past, present, settings, longest);
  } catch (error) {
    const told =
      `GUARD_BLIND: CloudWatch does not tell what was measured (${String((error as Error).message).slice(0, 500)}). Look at the right cloudwatch:GetMetricData of the function Control and, ` +
      'in a VPC, at the way to CloudWatch. Nothing is set back meanwhile, and no move waits';
    return { kind: 'unread', told };
  }
}

async function measured(
  read: ReadLatencies,
  collection: string,
  phase: Phase,
  from: number,
  until: number,
): Promise<Measured> {
  const requests: Subject[] = REQUESTS.map((operation) => ({ of: 'request', collection, phase, operation }));
  const calls: Subject[] = CALLS.map((operation) => ({ of: 'store', store: 'couchbase', phase, operation }));
  const found = await read([...requests, ...calls], from, until);
  const figures = REQUESTS.map((operation, n) => [operation, figuresOf(found[n] ?? [])] as const);
  return {
    requests: Object.fromEntries(figures) as Measured['requests'],
    couchbase: figuresOf(found.slice(REQUESTS.length).flat()),
  };
}

/**
 * 1. The note says that the flags are to be set back: one that dies now is followed by the next look. 2. What operators want is read again, since it may have changed while
 * CloudWatch was asked. 3. The flags are set. 4. The note gets their versions: from then on, whoever changes one of them is an operator.
 */
async function turn(each: Guarded, note: GuardNote, from: Returnable, ports: GuardPorts): Promise<State> {
  const { collection } = each;
  if (!ports.timely()) return each;
  await ports.keep(collection, note);
  const [now] = await ports.guarded([collection]);
  if (now === undefined || !isAsItWas(each, now)) {
    const told = `${note.told}. The flags were not set back: somebody has changed them at the same time`;
    return keepFound({ ...each, note }, { ...note, kind: 'worse', told: told.slice(-LONGEST_NOTE) }, ports);
  }
  const versions = await ports.setFlags(collection, changesToPhase(BACK_TO[from]));
  return finish(each, note, from, versions, ports);
}

/** @param own versions of the flags that were set. */
async function finish(
  each: Guarded,
  note: GuardNote,
  from: Returnable,
  own: readonly number[],
  ports: GuardPorts,
): Promise<State> {
  const { collection } = each;
  const done = { ...note, own: [...own] };
  await ports.keep(collection, done);
  const action = `${collection}: flags set back to ${BACK_TO[from]}`;
  await ports.audit('guard', action, note.told).catch((cause: unknown) => {
    ports.warn('That the flags were set back is in no audit log', { collection, cause: String(cause) });
  });
  await tell(each, done, ports);
  return { note: done, own };
}

function isAsItWas(before: Guarded, now: Guarded): boolean {
  const isSame = before.standing.version === now.standing.version && before.own.join() === now.own.join();
  return isSame && isWantedOn(now);
}

async function tell({ collection }: Guarded, note: GuardNote, ports: GuardPorts): Promise<void> {
  const { deployment, publish, warn } = ports;
  const next = whatNext(collection, note);
  warn(`${next.code}: ${next.text}`, { collection, found: note.told });
  const notice = {
    subject: `Crossfade: the guard about ${collection} in ${note.to}`.slice(0, 100),
    message: [
      `${next.code}: ${collection}, of the deployment ${deployment}: ${next.text}`,
      `What was measured: ${note.told}`,
      `Look: npx crossfade status ${collection}`,
    ].join('\n'),
  };
  await publish?.(notice).catch((cause: unknown) => {
    warn('NOTICE_UNSENT: operators were not told of what the guard has found', { cause: String(cause) });
  });
}

function whatNext(collection: string, { kind, from, to }: GuardNote): { code: string; text: string } {
  const since = `requests are worse off since the move from ${from} to ${to}`;
  if (kind === 'turned' && isReturnable(to))
    return {
      code: 'GUARD_TURNED',
      text: `${since}, and the flags were set back to ${BACK_TO[to]}. Nothing goes forward again before you set them anew: ${anewText(collection)}`,
    };
  if (kind === 'couchbase')
    return {
      code: 'GUARD_COUCHBASE',
      text: `${since}, and so are calls to Couchbase itself, which is needed on either side of it. The flags stay as they are: look at Couchbase`,
    };
  return {
    code: 'GUARD_WORSE',
    text: `${since}. The flags stay as they are: npx crossfade plan ${collection} tells what the way back needs`,
  };
}
