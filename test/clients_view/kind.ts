/** The faults that strike in each phase, one after the other. */
import { setTimeout } from 'node:timers/promises';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import { BLOWS, type Blow } from '../soak/blow.ts';
import type { Poison } from '../soak/poison.ts';
import { POISONS } from '../soak/poisons.ts';
import { type Patient, SICKNESSES, type Sickness } from '../soak/sickness.ts';

export interface Ground {
  readonly stage: Stage;
  readonly poison: Pick<Poison, 'plant'>;
}

export interface Kind {
  readonly name: string;
  readonly patient: Patient | 'workers';
  /** The phases in which it can strike at all; every one if null. */
  readonly phases: readonly Phase[] | null;
  /** @returns what heals it, and tells how many requests, rows, documents or processes it has struck. */
  begin(ground: Ground, milliseconds: number): Promise<() => Promise<number>>;
}

/** No run is under way where the way stands still, so its workers have no invocation that could be stopped. */
const WORKERS = ['backfill', 'verification'];

const ofSickness = ({ name, patient, begin }: Sickness): Kind => ({
  ...{ name, patient: name.includes('the reconciler') ? 'workers' : patient, phases: null },
  begin: ({ stage }, milliseconds) => begin(stage, milliseconds),
});

const STRUCK: Readonly<Record<string, Patient | 'workers'>> = {
  'kill -9 of the API’s containers': 'api',
  'kill -9 of the reconciler': 'workers',
  'kill -9 of Oracle, which starts again': 'oracle',
  'kill -9 of Couchbase, which starts again': 'couchbase',
  'Oracle does it, and the connection breaks': 'oracle',
  'Couchbase writes it, and the connection breaks': 'couchbase',
  'a node of Couchbase fails over, and its replica was behind': 'couchbase',
  'messages come twice': 'workers',
};

/** Once, when it begins: what it orders of a server strikes as requests come. */
const ofBlow = ([name, blow]: readonly [string, Blow]): Kind[] => {
  const patient = STRUCK[name];
  if (patient === undefined) return [];
  return [
    {
      ...{ name, patient, phases: null },
      begin: async ({ stage }) => {
        const struck = await blow(stage, name);
        return async () => {
          const { oracle, couchbase } = stage.local;
          const counted = await Promise.all([oracle.struck(name), couchbase.struck(name)]);
          await Promise.all([oracle.calm(), couchbase.calm()]);
          return struck ?? counted.reduce((sum, each) => sum + (each[name] ?? 0), 0);
        };
      },
    },
  ];
};

/** Planted past the API, which is allowed only where Couchbase decides. */
const ofPoison = (name: string): Kind => ({
  ...{ name, patient: 'workers', phases: ['expand'] },
  begin: async ({ poison }) => {
    const planted = await poison.plant(name);
    return async () => planted;
  },
});

export const KINDS: readonly Kind[] = [
  ...SICKNESSES.filter(({ name }) => !WORKERS.some((worker) => name.includes(worker))).map(ofSickness),
  ...Object.entries(BLOWS).flatMap(ofBlow),
  ...Object.keys(POISONS).map(ofPoison),
];

/** Those that can strike in a phase. @param only those whose name has one of these texts in it, which commas part. */
export function kindsIn(phase: Phase, only: string, all: readonly Kind[] = KINDS): readonly Kind[] {
  const wanted = only.split(',').map((part) => part.trim());
  return all.filter(
    ({ name, phases }) =>
      (phases === null || phases.includes(phase)) && wanted.some((part) => name.includes(part)),
  );
}

/** Lets a fault go on for so long, and heals it. @returns how many it has struck. */
export async function suffered(kind: Kind, ground: Ground, milliseconds: number): Promise<number> {
  const until = performance.now() + milliseconds;
  const heal = await kind.begin(ground, milliseconds);
  await setTimeout(Math.max(0, until - performance.now()));
  return heal();
}
