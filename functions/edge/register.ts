/** The phases and the claims of their moves, in SSM Parameter Store; and the flags of operators. */
import { ParameterAlreadyExists, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Register } from '../control/publish.ts';
import { flagParameters } from '../phases/flags.ts';
import { movesOf, phaseOf } from '../phases/parameters.ts';
import { type ReadOne, readParameters } from './parameters.ts';

/**
 * Of one collection.
 * @param readOne of the same parameters as the client, which the registers of all collections share.
 * @param prefix what all names begin with.
 */
export function registerIn(
  client: SSMClient,
  readOne: ReadOne,
  prefix: string,
  collection: string,
): Register {
  const phase = phaseOf(prefix, collection);
  const claimOf = (version: number) => `${movesOf(prefix, collection)}/${version}`;
  return {
    read: async () => {
      const stored = await readOne(phase);
      if (stored === null)
        throw new Error(`There is no parameter ${phase}: deploy the stack again, which creates it`);
      const { now } = stored;
      if (now === null)
        throw new Error(`SSM's answer about ${phase} has no Date: no bake can be counted without its clock`);
      return { ...stored, now };
    },
    claimed: async (version) => {
      const claim = await readOne(claimOf(version));
      return claim === null ? null : { text: claim.value, at: claim.changed };
    },
    claim: async (version, text) => {
      try {
        const Description = 'A move of the phase, as it was decided: leave it alone';
        await client.send(
          new PutParameterCommand({ Name: claimOf(version), Value: text, Type: 'String', Description }),
        );
        return true;
      } catch (error) {
        if (error instanceof ParameterAlreadyExists) return false;
        throw error;
      }
    },
    write: async (Value) => {
      await client.send(new PutParameterCommand({ Name: phase, Value, Overwrite: true }));
    },
  };
}

/** What operators ask for: values of parameters by their names. */
export async function flagsIn(
  client: SSMClient,
  prefix: string,
  collections: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await readParameters(client, flagParameters(prefix, collections));
  return new Map([...found].map(([name, { value }]) => [name, value]));
}
