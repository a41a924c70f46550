/**
 * What an operator breaks on a test system, and mends again, while the clients of a rehearsal are at work:
 * 1 The check writes on and on, and nothing is wrong. 2 It tells what to break, and waits until its writes show that. 3 It tells to mend it, and waits until all
 * its writes are done again. 4 The rehearsal goes on to its end, and each answer that its clients were given must have an explanation.
 * Neither wait is without a bound. What is refused meanwhile must be told as something to be tried again, or to be mended by an operator.
 */
import { CallFailed } from '../protocol/call.ts';
import type { Phase } from '../protocol/phase.ts';
import { OperatorNeeded } from '../stores/failure.ts';
import type { Told } from './certify_state.ts';
import { type Finding, OWN, type Ports } from './check.ts';
import { NotKept, Skipped } from './not_kept.ts';
import { document } from './subject.ts';

export interface Trial {
  readonly name: string;
  readonly title: string;
  readonly proves: string;
  /** The stay in which it is broken. */
  readonly at: Phase;
  /** What the operator is asked to do, and to undo. */
  readonly breaking: string;
  readonly mending: string;
  /** Of each write of its own. */
  readonly bytes: number;
  /** Writes of a look, one key each; the same ones again after some looks. */
  readonly keys: number;
  write(ports: Ports, key: string, body: Uint8Array): Promise<unknown>;
  /** Whether it is broken, by what one of its writes has thrown, and by what is seen of their keys. */
  isBroken(ports: Ports, error: unknown, keys: readonly string[]): boolean | Promise<boolean>;
}

/** Milliseconds in which an operator breaks it, and in which it is mended. */
const PATIENCE = 5 * 60_000;
/** Looks in a row after which all is well. Between two of them lies a quarter of a call, or less. */
const [WELL, LONGEST_PAUSE] = [8, 250];
/** Keys of a look, of those that come again. */
const AT_ONCE = 8;
const KIBIBYTE = 1024;

const inCouchbase: Trial['write'] = ({ couchbase }, key, body) =>
  couchbase.upsert(key, { content: document(body) });
const inOracle: Trial['write'] = ({ oracle, now }, key, body) =>
  oracle.apply(key, { content: document(body), version: BigInt(now()) });

export const TRIALS: readonly Trial[] = [
  {
    name: 'oracle.no-room',
    title:
      'A tablespace without room for more refuses writes, loses none, and takes them again once it has room',
    proves: 'A quota that is used up costs requests, and no document.',
    ...{ at: 'settle', bytes: 256 * KIBIBYTE, keys: 1, write: inOracle },
    breaking:
      'take the room from the tables of Crossfade, as a DBA: ALTER USER (their owner) QUOTA 0 ON (their tablespace). Give it back a minute later, since status itself may find no room then',
    mending: 'give the room back: ALTER USER (the owner) QUOTA UNLIMITED ON (the tablespace)',
    isBroken: ({ broken }, error) => broken.noRoom(error),
  },
  {
    name: 'oracle.restart',
    title: 'A database that goes away and comes back loses nothing that was acknowledged',
    proves: 'A restart, or a switch-over to a standby, costs requests, and no document.',
    ...{ at: 'settle', bytes: KIBIBYTE, keys: 1, write: inOracle },
    breaking:
      'restart the instance of Oracle, or switch over to its standby: no failover that loses commits, and no flashback',
    mending: 'Oracle was seen to go: see that it comes back',
    isBroken: ({ broken }, error) => broken.lostSession(error),
  },
  {
    name: 'couchbase.failover',
    title: 'A node of Couchbase that is failed over loses nothing that was acknowledged',
    proves: 'The durability of the setting is one that a failover respects.',
    // A node has a share of the partitions: one of so many keys lies there.
    ...{ at: 'expand', bytes: KIBIBYTE, keys: 64, write: inCouchbase },
    breaking: 'fail a node of Couchbase over that has the data service: a hard failover, no graceful one',
    mending: 'the failover was seen: bring the node back (full recovery), or add another one, and rebalance',
    isBroken: ({ broken }, _, keys) =>
      broken.failedOver(keys).then(
        (count) => count > 0,
        () => false,
      ),
  },
  {
    name: 'couchbase.no-memory',
    title:
      'A bucket without memory for more refuses writes, loses none, and takes them again once it has memory',
    proves: 'A memory quota that is used up costs requests, and no document.',
    ...{ at: 'expand', bytes: 64 * KIBIBYTE, keys: 64, write: inCouchbase },
    breaking:
      'take the memory from the bucket, on each node with the data service: cbepctl HOST:11210 -b BUCKET -u USER -p PASSWORD set flush_param mutation_mem_threshold 1',
    mending:
      'give the memory back, on each node: the same command with the value of before (cbstats HOST:11210 all tells it on a node that is as it was), or restart the nodes',
    isBroken: ({ broken }, error) => broken.noMemory(error),
  },
];

/** Throws `Skipped` where no operator has broken it, and `NotKept`. @param check throws where the rehearsal around it has failed. */
export async function suffer(trial: Trial, ports: Ports, check: () => void): Promise<Finding['figures']> {
  const looks = new Looks(trial, ports, check);
  const say = (step: Told['step'], text: string) => ports.tell({ check: trial.name, step, text });
  await looks.until(({ well }) => well >= WELL, notWell);
  await say('break', `${trial.breaking}. It is waited for ${PATIENCE / 60_000} minutes at the most`);
  const broken = await looks.until(({ isBroken }) => isBroken, notBroken);
  await say('mend', `${trial.mending}. It is waited for ${PATIENCE / 60_000} minutes at the most`);
  const mended = await looks.until(({ well }) => well >= WELL, notMended);
  return {
    ...{ 'broken after (ms)': broken.took, 'mended after (ms)': mended.took },
    ...{ 'told as': broken.told, 'own writes': looks.done, 'own writes refused or unanswered': looks.failed },
  };
}

const notWell = () => new Error('its writes were not done before anything was broken: look at both stores');
const notBroken = () =>
  new Skipped(
    'Nobody has broken it while it waited, or its writes did not show that',
    'Certify again, and do what npx crossfade certify status says, as soon as it says it',
  );
const notMended = () =>
  new NotKept(
    `Writes should be done again once it was mended, and are not ${PATIENCE / 60_000} minutes later. Was it mended?`,
  );

/** Writes of a trial, look by look. */
class Looks {
  readonly #trial: Trial;
  readonly #ports: Ports;
  readonly #check: () => void;
  readonly #prefix: string;
  readonly #body: Uint8Array;
  #looks = 0;
  done = 0;
  failed = 0;

  constructor(trial: Trial, ports: Ports, check: () => void) {
    this.#trial = trial;
    this.#ports = ports;
    this.#check = check;
    this.#prefix = `${OWN}${Math.floor(ports.random() * 2 ** 48).toString(36)}/trial/`;
    const body = Buffer.alloc(trial.bytes, 'x');
    body[0] = body[body.length - 1] = 0x22;
    this.#body = body;
  }

  /** Looks until that is so. @param late what it throws once time is up. */
  async until(
    is: (seen: { readonly isBroken: boolean; readonly well: number }) => boolean,
    late: () => Error,
  ): Promise<{ readonly took: number; readonly told: string }> {
    const { steady, sleep, call } = this.#ports;
    const began = steady();
    let well = 0;
    for (;;) {
      this.#check();
      const { error, isBroken } = await this.#look();
      well = error === null ? well + 1 : 0;
      const took = Math.round(steady() - began);
      if (is({ isBroken, well })) return { took, told: toldAs(error) };
      if (took > PATIENCE) throw late();
      await sleep(Math.min(LONGEST_PAUSE, call / 4));
    }
  }

  /** What one of its writes has thrown; null where all were done. Throws `NotKept` for what is told as something that it is not. */
  async #look(): Promise<{ readonly error: unknown; readonly isBroken: boolean }> {
    const [{ keys: all, write, isBroken }, look] = [this.#trial, this.#looks++];
    // New keys take new room; old ones show whether their partition has moved.
    const numbers =
      all === 1 ? [look] : Array.from({ length: AT_ONCE }, (_, n) => ((look * AT_ONCE) % all) + n);
    const keys = numbers.map((n) => `${this.#prefix}${n}`);
    const ended = await Promise.allSettled(keys.map((key) => write(this.#ports, key, this.#body)));
    const errors = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    this.failed += errors.length;
    this.done += ended.length - errors.length;
    const other = errors.find((each) => !(each instanceof CallFailed) && !(each instanceof OperatorNeeded));
    if (other !== undefined)
      throw new NotKept(
        `A write that cannot be done now should be told as one to be tried again, or to be mended by an operator, and is told as ${toldAs(other)}`,
      );
    const error = errors[0] ?? null;
    return { error, isBroken: await isBroken(this.#ports, error, keys) };
  }
}

function toldAs(error: unknown): string {
  if (!(error instanceof Error)) return 'done';
  const { cause } = error;
  const code = cause instanceof Error ? (/^(?:ORA|NJS)-\d+/.exec(cause.message)?.[0] ?? cause.name) : '';
  return code === '' ? error.name : `${error.name} (${code})`;
}
