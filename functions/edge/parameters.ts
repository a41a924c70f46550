/** SSM Parameter Store: readings of one parameter, and of many at once. */
import {
  GetParameterCommand,
  GetParametersCommand,
  type Parameter,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { phaseOf } from '../phases/parameters.ts';
import type { ReadPhases } from '../phases/phase_cache.ts';
import type { StoredPhase } from '../phases/stored_phase.ts';

/** A parameter, as one answer tells it. */
export interface Stored extends StoredPhase {
  /** When SSM answered, by its own clock, in milliseconds cut off to whole seconds; null where the answer has no `Date`. */
  readonly now: number | null;
}

/** Names in one request. (SSM API reference, "GetParameters".) */
const MOST = 10;

/** Throws where it has no value. */
export async function readParameter(client: SSMClient, name: string): Promise<Stored> {
  const command = new GetParameterCommand({ Name: name });
  const date = dateOf(command);
  const { Parameter } = await client.send(command);
  if (Parameter === undefined) throw new Error(`The parameter ${name} has no value: deploy the stack again`);
  return storedIn(Parameter, date());
}

/** Those that there are, by their names. */
export async function readParameters(
  client: SSMClient,
  names: readonly string[],
): Promise<Map<string, Stored>> {
  const parts = Array.from({ length: Math.ceil(names.length / MOST) }, (_, n) =>
    names.slice(n * MOST, (n + 1) * MOST),
  );
  const read = async (Names: string[]): Promise<[string, Stored][]> => {
    const command = new GetParametersCommand({ Names });
    const date = dateOf(command);
    const { Parameters = [] } = await client.send(command);
    return Parameters.map((each) => [each.Name ?? '', storedIn(each, date())]);
  };
  return new Map((await Promise.all(parts.map(read))).flat());
}

export type ReadOne = (name: string) => Promise<Stored | null>;

/** Reads single parameters, null where there is none: those that are wanted in the same turn go together. */
export function gatheredReader(client: SSMClient): ReadOne {
  let gathering: { readonly names: Set<string>; readonly found: Promise<Map<string, Stored>> } | null = null;
  const gather = () => {
    const names = new Set<string>();
    const found = new Promise<void>(setImmediate).then(() => {
      gathering = null;
      return readParameters(client, [...names]);
    });
    return { names, found };
  };
  return async (name) => {
    gathering ??= gather();
    gathering.names.add(name);
    return (await gathering.found).get(name) ?? null;
  };
}

function storedIn({ Name, Value, Version, LastModifiedDate }: Parameter, now: number | null): Stored {
  if (Value === undefined || Version === undefined || LastModifiedDate === undefined)
    throw new Error(`The parameter ${Name} has no value: deploy the stack again`);
  return { value: Value, version: Version, changed: LastModifiedDate.getTime(), now };
}

type Next = (given: unknown) => Promise<{ readonly response: unknown }>;
/** What all commands have, whatever they ask. */
interface Stack {
  add(middleware: (next: Next) => Next, where: { readonly step: 'deserialize'; readonly name: string }): void;
}

/** The `Date` of the answer to a command, once it has been sent: the SDK shows it to middleware alone. */
function dateOf(command: GetParameterCommand | GetParametersCommand): () => number | null {
  let date: number | null = null;
  tellDates(command, 'dateOfAnswer', (told) => {
    date = told;
  });
  return () => date;
}

/** From now on tells the `Date` of each answer that a client gets: milliseconds, null where it has none. */
export function hearDates(client: SSMClient, heard: (date: number | null) => void): void {
  tellDates(client, 'dateOfEachAnswer', heard);
}

function tellDates(
  { middlewareStack }: Pick<SSMClient | GetParameterCommand | GetParametersCommand, 'middlewareStack'>,
  name: string,
  tell: (date: number | null) => void,
): void {
  const note = (next: Next) => async (given: unknown) => {
    const answered = await next(given);
    const { headers = {} } = answered.response as { readonly headers?: Readonly<Record<string, string>> };
    const told = Date.parse(headers.date ?? '');
    tell(Number.isNaN(told) ? null : told);
    return answered;
  };
  (middlewareStack as unknown as Stack).add(note, { step: 'deserialize', name });
}

/** @param prefix what all names begin with. @param heard is told when SSM answered, by its own clock. */
export function phasesReader(
  client: SSMClient,
  prefix: string,
  collections: readonly string[],
  heard: (now: number | null) => void,
): ReadPhases {
  const names = collections.map((collection) => phaseOf(prefix, collection));
  return async () => {
    const found = await readParameters(client, names);
    for (const { now } of found.values()) heard(now);
    return new Map(collections.map((collection, n) => [collection, found.get(names[n] ?? '') ?? null]));
  };
}
