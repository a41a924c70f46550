/** The parameter `phase` and the claims of its moves, in SSM Parameter Store; and the flags of operators. */
import {
  GetParameterCommand,
  GetParametersCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Register } from '../control/publish.ts';
import type { Flags } from '../protocol/phase.ts';

export interface ParameterNames {
  readonly PHASE_PARAMETER: string;
  /** What the names of claims begin with. */
  readonly MOVES_PREFIX: string;
}

export function registerIn(client: SSMClient, { PHASE_PARAMETER, MOVES_PREFIX }: ParameterNames): Register {
  const claimOf = (version: number) => `${MOVES_PREFIX}/${version}`;
  const read = async (name: string) => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
    return { value: Parameter?.Value ?? '', version: Parameter?.Version ?? 0 };
  };
  return {
    read: () => read(PHASE_PARAMETER),
    claimed: async (version) => {
      try {
        return (await read(claimOf(version))).value;
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
      await client.send(new PutParameterCommand({ Name: PHASE_PARAMETER, Value, Overwrite: true }));
    },
  };
}

export interface FlagNames {
  readonly COUCHBASE_WRITES_PARAMETER: string;
  readonly ORACLE_WRITES_PARAMETER: string;
  readonly READS_PARAMETER: string;
}

/** What operators ask for. Throws where a flag is missing, or has no value that it can have. */
export async function flagsIn(client: SSMClient, names: FlagNames): Promise<Flags> {
  const asked = [names.COUCHBASE_WRITES_PARAMETER, names.ORACLE_WRITES_PARAMETER, names.READS_PARAMETER];
  const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: asked }));
  const flag = (name: string, allowed: readonly string[]) => {
    const value = Parameters.find(({ Name }) => Name === name)?.Value;
    if (value === undefined || !allowed.includes(value))
      throw new Error(`${name} is ${JSON.stringify(value ?? null)}: set it to ${allowed.join(' or ')}`);
    return value;
  };
  return {
    couchbaseWrites: flag(names.COUCHBASE_WRITES_PARAMETER, ['true', 'false']) === 'true',
    oracleWrites: flag(names.ORACLE_WRITES_PARAMETER, ['true', 'false']) === 'true',
    reads: flag(names.READS_PARAMETER, ['couchbase', 'oracle']) as Flags['reads'],
  };
}
