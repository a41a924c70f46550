/** SSM Parameter Store: readings of one parameter, and of many at once. */
import { GetParameterCommand, GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { phaseOf } from '../phases/parameters.ts';
import type { ReadPhases, Stored } from './phase_cache.ts';

/** Names in one request. (SSM API reference, "GetParameters".) */
const MOST = 10;

/** Throws where it has no value. */
export async function readParameter(client: SSMClient, name: string): Promise<Stored> {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
  if (Parameter?.Value === undefined || Parameter.Version === undefined)
    throw new Error(`The parameter ${name} has no value: deploy the stack again`);
  return { value: Parameter.Value, version: Parameter.Version };
}

/** Those that there are, by their names. */
export async function readParameters(
  client: SSMClient,
  names: readonly string[],
): Promise<Map<string, Stored>> {
  const parts = Array.from({ length: Math.ceil(names.length / MOST) }, (_, n) =>
    names.slice(n * MOST, (n + 1) * MOST),
  );
  const answers = await Promise.all(parts.map((Names) => client.send(new GetParametersCommand({ Names }))));
  return new Map(
    answers
      .flatMap(({ Parameters = [] }) => Parameters)
      .map(({ Name = '', Value = '', Version = 0 }) => [Name, { value: Value, version: Version }]),
  );
}

/** @param prefix what all names begin with. */
export function phasesReader(client: SSMClient, prefix: string, collections: readonly string[]): ReadPhases {
  const names = collections.map((collection) => phaseOf(prefix, collection));
  return async () => {
    const found = await readParameters(client, names);
    return new Map(collections.map((collection, n) => [collection, found.get(names[n] ?? '') ?? null]));
  };
}
