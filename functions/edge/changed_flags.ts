/** What is entered of changed flags, over SSM and Oracle. */
import { GetParameterHistoryCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { type FlagVersion, FlagVersions } from '../books/flag_versions.ts';
import type { ChangedFlagsPorts, FlagChange } from '../operations/changed_flags.ts';
import { flagsUnder } from '../phases/flags.ts';
import type { Reach } from '../stores/reach.ts';
import type { Container } from './container.ts';
import type { Stored } from './parameters.ts';

/** Values of one answer. (SSM API reference, "GetParameterHistory".) */
const PAGE = 50;

/** Of one container: the flags as its last look has read them, and which of their versions are entered. */
export class FlagsSeen {
  last: ReadonlyMap<string, Stored> = new Map();
  /** Null where it has not been read since it was last in doubt. */
  entered: Map<string, FlagVersion> | null = null;
}

export function changedFlagsPorts(
  { stores, audit, parameters, logger, configuration }: Container,
  prefix: string,
  seen: FlagsSeen,
  reach: Reach,
  timely: () => boolean,
): ChangedFlagsPorts {
  const versions = new FlagVersions(stores.database);
  const flags = flagsUnder(prefix, Object.keys(configuration.collections));
  return {
    timely,
    flags: () =>
      new Map(
        flags.flatMap((flag) => {
          const stored = seen.last.get(flag.name);
          return stored === undefined
            ? []
            : [[flag, { version: stored.version, at: stored.changed }] as const];
        }),
      ),
    entered: async () => {
      seen.entered ??= await reach.ask('oracle', () => versions.all());
      return seen.entered;
    },
    history: (name) => historyOf(parameters, name),
    enter: async (act, name, before, now) => {
      const entered = seen.entered;
      // Where this fails nobody knows what is entered, until it is read again.
      seen.entered = null;
      const noting = versions.noting(name, before, now);
      if ((await reach.ask('oracle', () => audit.writeWith(act, noting))) === null) return;
      seen.entered = entered;
      entered?.set(name, now);
    },
    warn: (message, about) => logger.warn(message, about),
  };
}

async function historyOf(client: SSMClient, Name: string): Promise<FlagChange[]> {
  const changes: FlagChange[] = [];
  let NextToken: string | undefined;
  do {
    const more = NextToken === undefined ? {} : { NextToken };
    const page = await client.send(new GetParameterHistoryCommand({ Name, MaxResults: PAGE, ...more }));
    for (const { Version, Value, LastModifiedDate, LastModifiedUser } of page.Parameters ?? []) {
      if (Version === undefined || Value === undefined || LastModifiedDate === undefined) continue;
      const by = LastModifiedUser ?? 'SSM does not tell who';
      changes.push({ version: Version, at: LastModifiedDate.getTime(), value: Value, by });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return changes;
}
