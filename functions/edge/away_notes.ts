/**
 * Notes in SSM that writes go on without the store that follows. Containers know it, each for itself, and operators ask another function. A container
 * notes it once a minute at most, and only where no other one has done so in the last minute: SSM takes three writes a second of all functions together.
 */
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { awayOf } from '../phases/parameters.ts';
import type { StoreName } from '../protocol/phase.ts';
import { type Away, awayIn, INTERVAL, nextAway } from '../records/away.ts';
import { readParameters } from './parameters.ts';

export interface AwayPorts {
  read(store: StoreName): Promise<Away | null>;
  put(store: StoreName, away: Away): Promise<void>;
  /** Milliseconds since the epoch, as all containers count them. */
  now(): number;
  failed(error: unknown): void;
}

export class AwayNotes {
  readonly #ports: AwayPorts;
  readonly #noted = new Map<StoreName, number>();
  #work: Promise<void> | null = null;

  constructor(ports: AwayPorts) {
    this.#ports = ports;
  }

  /** A write was acknowledged without this store. */
  skipped(store: StoreName): void {
    const now = this.#ports.now();
    if (this.#work !== null || now - (this.#noted.get(store) ?? Number.NEGATIVE_INFINITY) < INTERVAL) return;
    this.#noted.set(store, now);
    this.#work = this.#note(store, now).finally(() => {
      this.#work = null;
    });
  }

  /** What is being noted; null for nothing. */
  changes(): Promise<unknown> | null {
    return this.#work;
  }

  async #note(store: StoreName, now: number): Promise<void> {
    try {
      const next = nextAway(await this.#ports.read(store), now);
      if (next !== null) await this.#ports.put(store, next);
    } catch (error) {
      // Nothing rests on it, and the next minute tries again.
      this.#ports.failed(error);
    }
  }
}

/** @param prefix what the names of all parameters begin with. */
export function awayPorts(
  client: SSMClient,
  prefix: string,
  now: () => number,
  failed: (error: unknown) => void,
): AwayPorts {
  return {
    ...{ now, failed },
    read: async (store) => (await readAway(client, prefix)).get(store) ?? null,
    put: async (store, away) => {
      const Description = 'Writes are acknowledged without this store: noted by functions, leave it alone';
      const put = { Name: awayOf(prefix, store), Value: JSON.stringify(away), Type: 'String' } as const;
      await client.send(new PutParameterCommand({ ...put, Description, Overwrite: true }));
    },
  };
}

const STORES = ['couchbase', 'oracle'] as const;

/** The last note about each store that there is one about. */
export async function readAway(client: SSMClient, prefix: string): Promise<ReadonlyMap<StoreName, Away>> {
  const names = STORES.map((store) => awayOf(prefix, store));
  const found = await readParameters(client, names);
  return new Map(
    STORES.flatMap((store) => {
      const away = awayIn(found.get(awayOf(prefix, store))?.value);
      return away === null ? [] : [[store, away] as const];
    }),
  );
}
