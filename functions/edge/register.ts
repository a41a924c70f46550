/** The phases and the claims of their moves, in SSM Parameter Store; and the flags of operators. */
import { ParameterAlreadyExists, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Register } from '../control/publish.ts';
import { parameterText } from '../parsing/parameter_text.ts';
import { flagParameters } from '../phases/flags.ts';
import { guardOf, holdOf, movesOf, phaseOf } from '../phases/parameters.ts';
import type { PacedWrites } from './paced_writes.ts';
import { type ReadOne, readParameters, type Stored } from './parameters.ts';

/**
 * Of one collection.
 * @param readOne of the same parameters as the client, which the registers of all collections share, as they do `writes`.
 * @param prefix what all names begin with.
 */
export function registerIn(
  client: SSMClient,
  readOne: ReadOne,
  writes: PacedWrites,
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
        const put = {
          Name: claimOf(version),
          Value: parameterText(text),
          Type: 'String',
          Description,
        } as const;
        await writes.send(() => client.send(new PutParameterCommand(put)));
        return true;
      } catch (error) {
        if (error instanceof ParameterAlreadyExists) return false;
        throw error;
      }
    },
    write: async (Value) => {
      const put = { Name: phase, Value, Overwrite: true };
      await writes.send(() => client.send(new PutParameterCommand(put)));
    },
  };
}

/** What operators ask for, which moves they hold, and what the guard has found: parameters by their names. @param guarded whether there is a guard. */
export async function flagsIn(
  client: SSMClient,
  prefix: string,
  collections: readonly string[],
  guarded = false,
): Promise<ReadonlyMap<string, Stored>> {
  const holds = collections.map((collection) => holdOf(prefix, collection));
  const notes = guarded ? collections.map((collection) => guardOf(prefix, collection)) : [];
  return readParameters(client, [...flagParameters(prefix, collections), ...holds, ...notes]);
}
