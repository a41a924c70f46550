/** All checks, in the order in which they are run. */
import { perform } from '../protocol/call.ts';
import { push } from '../protocol/carry.ts';
import type { StoreName } from '../protocol/phase.ts';
import { portOf } from '../stores/port.ts';
import { type Check, type Finding, OWN, type Ports } from './check.ts';
import { killedSession, lockedRow } from './outside.ts';
import { rehearse, type Size } from './rehearsal.ts';
import { RULES } from './rules.ts';
import { onlyOurOwn } from './scratch.ts';
import { largest } from './sizes.ts';
import type { Rule, Subject } from './subject.ts';
import { suffer, TRIALS, type Trial } from './trials.ts';

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];
const NOTHING_NEEDED = { needs: [], optional: false } as const;
const STORES: readonly StoreName[] = ['couchbase', 'oracle'];

/** A receipt that nobody looks at: where one store alone is read and written, none is needed. */
const NO_RECEIPT = { send: async () => null, sent: async () => true };

/** One store of a certification, alone. */
export function subjectOf(store: StoreName, ports: Ports): Subject {
  const { couchbase, oracle, keys, random } = ports;
  const partners = { couchbase, oracle, receipt: NO_RECEIPT };
  const named = (name: string) => `${OWN}${name}`;
  const newKey = () => named(Math.floor(random() * 2 ** 52).toString(36));
  const rest = { partners, keys: keys[store], random, named, newKey };
  if (store === 'oracle')
    return {
      ...{ ...rest, phase: 'contract' },
      apply: (key, content, version) => oracle.apply(key, { content, version }),
      reversion: async (key) => {
        const from = await oracle.read(key, {});
        return (version) => oracle.swap(key, { from, to: { ...from, version } });
      },
    };
  return {
    ...{ ...rest, phase: 'legacy' },
    // CAS are nanoseconds since the epoch, and no version is a day ahead of them.
    highest: BigInt(ports.now() + 20 * HOUR) * 1_000_000n,
    apply: (key, content, version) => perform(push(content, version, true), portOf(key, partners)),
    reversion: async (key) => {
      const { cas, content } = await couchbase.read(key, {});
      return async (version) => (await couchbase.swap(key, { cas, content, version })) !== null;
    },
  };
}

function checkOf(store: StoreName, { name, title, proves, group, short, prove }: Rule): Check {
  return {
    ...{ name: `${store}.${name}`, title, proves, group, ...NOTHING_NEEDED },
    ...{ forms: short ? ['whole', 'short'] : ['whole'], atMost: MINUTE },
    run: async (ports) => ({ state: 'passed', figures: await prove(subjectOf(store, ports)) }),
  };
}

const isOf = (store: StoreName, { only }: Rule) =>
  only === undefined || only === (store === 'oracle' ? 'contract' : 'legacy');

async function durable({ durability, random }: Ports): Promise<Finding> {
  const keys = Array.from({ length: 8 }, () => `${OWN}${Math.floor(random() * 2 ** 52).toString(36)}`);
  const problem = await durability.problem(keys);
  const figures = { level: durability.level, 'keys asked for': keys.length };
  if (problem === null) return { state: 'passed', figures };
  const next = 'Mend what the message says: without it a failover can lose what was acknowledged';
  return { state: 'failed', figures, why: problem, next };
}

const SHORT: Size = {
  ...{ clients: 3, keys: 6, untouched: 6, stay: 20, pause: 5, window: 20 },
  atMost: MINUTE,
};
const WHOLE: Size = {
  ...{ clients: 8, keys: 16, untouched: 200, stay: 5 * SECOND, pause: 30, window: SECOND },
  atMost: 9 * MINUTE,
};

function rehearsal(form: 'whole' | 'short', size: Size): Check {
  return {
    name: `rehearsal.${form}`,
    title: `Documents go from legacy to contract and back under ${size.clients} clients, and each answer has an explanation`,
    proves:
      'On these servers no phase, and no window between two phases, loses, brings back or reorders a write.',
    // It ends by itself before that, and tells how far it has come.
    ...{ group: 'rehearsal', ...NOTHING_NEEDED, forms: [form], atMost: size.atMost + MINUTE / 2 },
    run: (ports) => rehearse(ports, size),
  };
}

/** As the short one, and as long as an operator may take. */
const TRIED: Size = { ...SHORT, atMost: 12 * MINUTE };

function trial(each: Trial): Check {
  const { name, title, proves, at } = each;
  return {
    ...{ name, title, proves, group: 'broken', optional: false },
    needs: ['an operator who breaks it while the check waits, and mends it'],
    ...{ forms: ['test-system'], atMost: TRIED.atMost + MINUTE / 2 },
    run: (ports) => rehearse(ports, TRIED, { at, happen: (check) => suffer(each, ports, check) }),
  };
}

const SCRATCH: Check = {
  name: 'scratch.own',
  title: 'The places of the certification have no documents of anybody else',
  ...{ proves: 'A certification touches nothing that somebody needs.', group: 'contract', ...NOTHING_NEEDED },
  ...{ forms: ['whole', 'short'], atMost: MINUTE, run: onlyOurOwn },
};

const DURABILITY: Check = {
  name: 'couchbase.durability',
  title: 'Couchbase can make mutations as durable as the setting asks for',
  ...{ proves: 'A failover loses nothing that was acknowledged.', group: 'contract', ...NOTHING_NEEDED },
  ...{ forms: ['whole', 'short'], atMost: MINUTE, run: durable },
};

const LARGEST: Check = {
  name: 'both.largest',
  title: 'The largest document that Couchbase takes comes to Oracle and back',
  ...{ proves: 'No document stays behind for its size.', group: 'documents', ...NOTHING_NEEDED },
  ...{ forms: ['whole'], atMost: 2 * MINUTE, run: largest },
};

const OUTSIDE: readonly Check[] = [
  {
    name: 'oracle.locked-row',
    title: 'A write of a row that another session has locked ends in its time, and may be tried again',
    proves: 'A forgotten transaction of somebody else stops one document, and not the service.',
    ...{ group: 'outside', ...NOTHING_NEEDED, forms: ['whole'], atMost: 2 * MINUTE, run: lockedRow },
  },
  {
    name: 'oracle.killed-session',
    title: 'What a killed session has not committed is not there, and the next call has another session',
    ...{ proves: 'A DBA who kills a session loses no document.', group: 'outside', optional: true },
    needs: ['ALTER SYSTEM', 'SELECT ON V_$SESSION'],
    ...{ forms: ['whole'], atMost: 2 * MINUTE, run: killedSession },
  },
];

export const CHECKS: readonly Check[] = [
  ...[SCRATCH, DURABILITY],
  ...STORES.flatMap((store) => RULES.filter((rule) => isOf(store, rule)).map((rule) => checkOf(store, rule))),
  ...[LARGEST, ...OUTSIDE, rehearsal('short', SHORT), rehearsal('whole', WHOLE)],
  ...TRIALS.map(trial),
];
