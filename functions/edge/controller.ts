/** The controller over SSM, SQS and the stores: for the function that moves phases, and for operators who ask. */
import { setTimeout } from 'node:timers/promises';
import { bake } from '../configuration/configuration.ts';
import { moveSettings } from '../configuration/moves.ts';
import { Controller } from '../control/controller.ts';
import type { ControllerPorts, LookPorts, Wanting } from '../control/ports.ts';
import { wishOf } from '../phases/flags.ts';
import { readNote } from '../phases/guard_note.ts';
import { readHolding } from '../phases/hold.ts';
import { FLAGS, flagOf, guardOf, holdOf } from '../phases/parameters.ts';
import type { Reach } from '../stores/reach.ts';
import { CLOCK, type Container } from './container.ts';
import { askedOnce, type EvidenceQueues, gatherEvidence, remainsOf } from './evidence.ts';
import { rememberStores } from './identity.ts';
import { PacedWrites } from './paced_writes.ts';
import { gatheredReader, type Stored } from './parameters.ts';
import { flagsIn, registerIn } from './register.ts';

export const CONTROL_VARIABLES = ['DEAD_LETTERS_QUEUE', 'COPY_MACHINE', 'VERIFY_MACHINE'] as const;

interface Environment extends EvidenceQueues {
  readonly PARAMETERS: string;
}

type Parts = Pick<Container, 'parameters' | 'stores' | 'queues' | 'configuration' | 'logger'>;

/** Of one container. */
export function pacedWrites(): PacedWrites {
  return new PacedWrites(CLOCK.steady, setTimeout);
}

/**
 * @param writes of phases and of claims: the only ones of this container.
 * @param told of the flags, each time that they are read.
 */
export function controllerOver(
  parts: Parts,
  environment: Environment,
  writes: PacedWrites = pacedWrites(),
  told: (flags: ReadonlyMap<string, Stored>) => void = () => {},
): Controller {
  return new Controller(controllerPorts(parts, environment, writes, told));
}

/** See `controllerOver`. */
export function controllerPorts(
  parts: Parts,
  environment: Environment,
  writes: PacedWrites,
  told: (flags: ReadonlyMap<string, Stored>) => void,
): ControllerPorts {
  const { parameters, stores, queues, configuration, logger } = parts;
  const { PARAMETERS: prefix } = environment;
  const collections = Object.keys(configuration.collections);
  const readOne = gatheredReader(parameters);
  const { guard } = configuration;
  return {
    ...{ collections, bake: bake(configuration.timing), request: configuration.timing.request },
    flags: async () => {
      const found = await flagsIn(parameters, prefix, collections, guard !== null);
      told(found);
      return wantingIn(found, prefix);
    },
    moves: (collection) => ({
      ...moveSettings(configuration.moves, configuration.collections[collection]?.moves),
      guard,
    }),
    register: (collection) => registerIn(parameters, readOne, writes, prefix, collection),
    remains: (collection) => remainsOf(stores, collection, queues, environment),
    rememberStores: (collection, move) => rememberStores({ stores, logger }, collection, move),
    unaudited: (cause) => logger.warn('The move is in no audit log', { cause: String(cause) }),
  };
}

function wantingIn(found: ReadonlyMap<string, Stored>, prefix: string): Wanting {
  const values = new Map([...found].map(([name, { value }]) => [name, value]));
  return {
    wish: (collection) => wishOf(values, prefix, collection),
    holding: (collection) => {
      const name = holdOf(prefix, collection);
      return readHolding(found.get(name), name);
    },
    guard: (collection) => ({
      note: readNote(values.get(guardOf(prefix, collection))),
      own: FLAGS.map((flag) => found.get(flagOf(prefix, collection, flag))?.version ?? 0),
    }),
  };
}

/** The questions of one look. @param reach knows the stores that have not answered it. */
export function lookOver(
  { stores, queues, audit, now }: Pick<Container, 'stores' | 'queues' | 'audit' | 'now'>,
  environment: EvidenceQueues,
  reach: Reach,
): LookPorts {
  const once = askedOnce(stores);
  return {
    evidence: (collection, phase) =>
      gatherEvidence(stores, collection, queues, environment, reach, phase, once, now()),
    underWay: (collection) => reach.ask('oracle', () => stores.ledger.underWay(collection)),
    // The move is made: it is entered however little time is left, unless Oracle is known to be away.
    audit: async (actor, action, detail) => {
      if (reach.isAway('oracle')) throw new Error('Oracle is away');
      await audit.write({ at: now(), actor, action, detail });
    },
  };
}
