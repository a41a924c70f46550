/**
 * Enters in the audit log each change of a flag, with who has made it and when, as SSM itself tells: also one that was made past `npx crossfade set`, or
 * while Oracle was away.
 */
import type { FlagVersion } from '../books/flag_versions.ts';
import type { Flag } from '../phases/flags.ts';
import type { Act } from '../records/audit.ts';

/** One value of a parameter, as its history tells it. */
export interface FlagChange extends FlagVersion {
  readonly value: string;
  /** The ARN of who has put it. */
  readonly by: string;
}

export interface ChangedFlagsPorts {
  /** All flags, as this look has read them. Empty where it has read none. */
  flags(): ReadonlyMap<Flag, FlagVersion>;
  /** The last version of each parameter that is entered, by their names. */
  entered(): Promise<ReadonlyMap<string, FlagVersion>>;
  /** The values that a parameter has had, as far back as SSM keeps them, in any order. */
  history(name: string): Promise<readonly FlagChange[]>;
  /** Enters a change, and that it is entered: both, or none. Does nothing where it is no more the next one. @param before what is entered so far. */
  enter(act: Act, name: string, before: FlagVersion | null, now: FlagVersion): Promise<void>;
  /** Whether there is time for one more of these. */
  timely(): boolean;
  warn(message: string, about: { readonly cause: string }): void;
}

/** The first value is the deployment's, which CloudFormation has put. */
const DEPLOYED = 1;

/** Never rejects: what is not entered now is with the next look. */
export async function enterChangedFlags(ports: ChangedFlagsPorts): Promise<void> {
  try {
    const flags = [...ports.flags()];
    if (flags.length === 0) return;
    const entered = await ports.entered();
    for (const [flag, now] of flags) {
      const before = entered.get(flag.name) ?? null;
      if (!hasChanged(before, now)) continue;
      if (!ports.timely()) return;
      await enterChanges(flag, before, ports);
    }
  } catch (error) {
    ports.warn('Changes of flags were not entered in the audit log: the next look enters them', {
      cause: String(error),
    });
  }
}

/** A lower number that is newer belongs to a parameter that was made anew; one that is not was read too early. */
function hasChanged(before: FlagVersion | null, now: FlagVersion): boolean {
  if (before === null) return now.version > DEPLOYED;
  return now.version > before.version || isAnew(before, now);
}

function isAnew(before: FlagVersion | null, now: FlagVersion): boolean {
  return before !== null && now.version <= before.version && now.at > before.at;
}

async function enterChanges(
  { name, collection, flag }: Flag,
  before: FlagVersion | null,
  { history, enter }: ChangedFlagsPorts,
): Promise<void> {
  const all = (await history(name)).toSorted((a, b) => a.version - b.version);
  const newest = all.at(-1);
  if (newest === undefined) return;
  const from = isAnew(before, newest) ? 0 : (before?.version ?? DEPLOYED);
  const action = `${collection ?? 'all collections'}: flag changed`;
  let last = before;
  for (const { version, at, value, by } of all.filter((each) => each.version > from)) {
    const lost =
      version - 1 > from && last === before ? `; of ${from + 1} to ${version - 1} SSM tells no more` : '';
    const detail = `${flag} ${value}: version ${version} of ${name} in SSM${lost}`;
    await enter({ at, actor: by, action, detail }, name, last, { version, at });
    last = { version, at };
  }
}
