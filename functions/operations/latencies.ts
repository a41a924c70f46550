/** How long requests have taken lately, and calls to stores, and how many of them have failed: by collection, phase and operation, as CloudWatch tells it. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { aheadOf, shareOf } from '../phases/ramp.ts';
import { type Phase, type StoreName, storesOf } from '../protocol/phase.ts';
import {
  CALLS,
  type CallKind,
  type Figures,
  figuresOf,
  REQUESTS,
  type ReadLatencies,
  type RequestKind,
  type Subject,
} from '../records/latencies.ts';
import { BadOperation } from './request.ts';

/** Milliseconds that are looked at. */
export const LATELY = 900_000;

export interface RequestFigures extends Figures {
  readonly operation: RequestKind;
}

export interface CallFigures extends Figures {
  readonly store: StoreName;
  readonly operation: CallKind;
}

/** Of one collection, in one phase. Operations that nobody has asked for are left out. */
export interface InPhase {
  readonly collection: string;
  readonly phase: Phase;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  readonly requests: readonly RequestFigures[];
  /** Of all collections that are in this phase. */
  readonly calls: readonly CallFigures[];
}

/** In the phase that it is in. */
export interface Latency extends InPhase {
  /** The same of the keys that are a phase ahead, while there are any. */
  readonly ahead?: InPhase;
}

export interface LatencyPorts {
  readonly collections: readonly string[];
  /** As it is published. */
  phase(collection: string): Promise<Pick<EffectivePhase, 'phase' | 'ramp'>>;
  readonly read: ReadLatencies;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Throws `BadOperation` where there is no such collection, or CloudWatch tells nothing. */
export async function latencies(wanted: readonly string[], ports: LatencyPorts): Promise<Latency[]> {
  const none = wanted.find((each) => !ports.collections.includes(each));
  if (none !== undefined)
    throw new BadOperation(
      `There is no collection ${JSON.stringify(none)}: it is none of ${ports.collections.join(', ')}`,
    );
  const until = ports.now();
  const from = until - LATELY;
  const phases = await Promise.all(wanted.map((collection) => ports.phase(collection)));
  const all = wanted.flatMap((collection, n) => {
    const seen = phases[n];
    return seen === undefined ? [] : [{ collection, ...phasesOf(seen) }];
  });
  const subjects = all.flatMap(({ collection, phase, ahead }) =>
    (ahead === null ? [phase] : [phase, ahead]).flatMap((each) => [
      ...requestsOf(collection, each),
      ...callsOf(each),
    ]),
  );
  const found = await figuresFor(subjects, ports.read, from, until);
  return all.map(({ collection, phase, ahead }) => {
    const told = (each: Phase) => ({ from, until, ...inPhase(collection, each, found) });
    return { ...told(phase), ...(ahead === null ? {} : { ahead: told(ahead) }) };
  });
}

/** The phase of the collection, and that of the share of its keys which is ahead, while there is one. */
function phasesOf(seen: Pick<EffectivePhase, 'phase' | 'ramp'>) {
  return { phase: seen.phase, ahead: shareOf(seen) > 0 ? aheadOf(seen.phase) : null };
}

function inPhase(collection: string, phase: Phase, found: (subject: Subject) => Figures) {
  return {
    ...{ collection, phase },
    requests: requestsOf(collection, phase).flatMap((subject) => asked(subject, found(subject))),
    calls: callsOf(phase).flatMap(({ store, ...subject }) =>
      asked(subject, found({ ...subject, store })).map((figures) => ({ store, ...figures })),
    ),
  };
}

function asked<Operation>(
  { operation }: { readonly operation: Operation },
  figures: Figures,
): (Figures & { readonly operation: Operation })[] {
  return figures.count === 0 ? [] : [{ operation, ...figures }];
}

/** Collections in one phase ask about the same calls, which is paid for once. */
async function figuresFor(
  subjects: readonly Subject[],
  read: ReadLatencies,
  from: number,
  until: number,
): Promise<(subject: Subject) => Figures> {
  const named = new Map(subjects.map((subject) => [nameOf(subject), subject]));
  const found = await read([...named.values()], from, until).catch((error: unknown) => {
    throw new BadOperation(
      `LATENCIES_UNREAD: CloudWatch does not tell what was measured (${(error as Error).message}). Look at the right cloudwatch:GetMetricData of the function Operate and, in a VPC, at the way to ` +
        'CloudWatch (an endpoint monitoring). Nothing else depends on it',
    );
  });
  const measured = new Map([...named.keys()].map((name, n) => [name, figuresOf(found[n] ?? [])]));
  return (subject) => measured.get(nameOf(subject)) ?? figuresOf([]);
}

function nameOf(subject: Subject): string {
  const [of, name] = subject.of === 'request' ? ['request', subject.collection] : ['store', subject.store];
  return [of, name, subject.phase, subject.operation].join(' ');
}

export function requestsOf(collection: string, phase: Phase) {
  return REQUESTS.map((operation) => ({ of: 'request', collection, phase, operation }) as const);
}

/** Calls of requests to each store that the phase has. */
export function callsOf(phase: Phase) {
  return storesOf(phase).flatMap((store) =>
    CALLS.map((operation) => ({ of: 'store', store, phase, operation }) as const),
  );
}
