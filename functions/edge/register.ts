/** The phases and the claims of their moves, in SSM Parameter Store; and the flags of operators. */
import {
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Register } from '../control/publish.ts';
import { flagParameters } from '../phases/flags.ts';
import { movesOf, phaseOf } from '../phases/parameters.ts';
import { readParameter, readParameters } from './parameters.ts';

/** Of one collection. @param prefix what all names begin with. */
export function registerIn(client: SSMClient, prefix: string, collection: string): Register {
  const phase = phaseOf(prefix, collection);
  const claimOf = (version: number) => `${movesOf(prefix, collection)}/${version}`;
  return {
    read: async () => {
      const stored = await readParameter(client, phase);
      const { now } = stored;
      if (now === null)
        throw new Error(`SSM's answer about ${phase} has no Date: no bake can be counted without its clock`);
      return { ...stored, now };
    },
    claimed: async (version) => {
      try {
        const { value, changed } = await readParameter(client, claimOf(version));
        return { text: value, at: changed };
      } catch (error) {
        if (error instanceof ParameterNotFound) return null;
        throw error;
      }
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
