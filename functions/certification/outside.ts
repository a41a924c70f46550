/** What can be made to fail in Oracle from outside: a locked row, a session that is killed. */
import { CallFailed } from '../protocol/call.ts';
import type { Version } from '../protocol/version.ts';
import { StoreUnavailable } from '../stores/failure.ts';
import { type Finding, OWN, type Ports } from './check.ts';
import { kept, NotKept, Skipped, same } from './not_kept.ts';
import { document } from './subject.ts';

const [OLD, NEW] = [document('{"n":1}'), document('{"n":2}')];

const newKey = ({ random }: Ports) => `${OWN}${Math.floor(random() * 2 ** 48).toString(36)}`;

const ALONE =
  'This is no Oracle that can keep a row locked beside other sessions (ORA-03001): the embedded one that keeps its data in a folder has one session at work at a time';
const INSTEAD =
  'To see it on this machine, start without --data; on servers of your own it is always looked at';

/** A write of a locked row ends in its time, as one that may be tried again; readers and other rows notice nothing. */
export async function lockedRow(ports: Ports): Promise<Finding> {
  const { oracle, outside, steady } = ports;
  const [locked, free] = [newKey(ports), newKey(ports)];
  for (const key of [locked, free]) await oracle.apply(key, { content: OLD, version: 1n });
  const unlock = await outside.lockRow(locked);
  if (unlock === null) throw new Skipped(ALONE, INSTEAD);
  const began = steady();
  let waited: number;
  try {
    await holdsVersion(ports, locked, 1n);
    same(await oracle.apply(free, { content: NEW, version: 2n }), true, 'whether another row is written');
    await ends(ports, oracle.apply(locked, { content: NEW, version: 2n }));
    waited = Math.round(steady() - began);
  } finally {
    await unlock();
  }
  // Where the copy that was given up has arrived after all, this one finds it.
  await oracle.apply(locked, { content: NEW, version: 2n });
  await holdsVersion(ports, locked, 2n);
  return { state: 'passed', figures: { 'given up after (ms)': waited } };
}

/** Throws `NotKept` where the call is done, hangs, or is told as anything but a failure that may be tried again. */
async function ends({ sleep, call }: Ports, writing: Promise<unknown>): Promise<void> {
  const hangs = sleep(3 * call + 5000).then(() => 'hangs' as const);
  const told = await Promise.race([
    hangs,
    writing.then(
      () => 'done' as const,
      (error: unknown) => error,
    ),
  ]);
  if (told === 'done') throw new NotKept('A write of a locked row should not be done, and is');
  if (told === 'hangs') throw new NotKept(`A write of a locked row should end within ${call} ms, and hangs`);
  kept(
    told instanceof CallFailed,
    `A write of a locked row should be one to be tried again, and is told as ${told instanceof Error ? told.name : 'no error'}`,
  );
}

/** What a killed session has not committed is not there, its caller may try again, and the next call has another session. */
export async function killedSession(ports: Ports): Promise<Finding> {
  const { oracle, outside } = ports;
  const key = newKey(ports);
  await oracle.apply(key, { content: OLD, version: 1n });
  const tried = await outside.killSession(key);
  if (tried.kind === 'lacks')
    throw new Skipped(
      `The user of the functions lacks ${tried.right}`,
      `To see it, grant ${tried.right} to that user for the time of the certification, or kill a session of it yourself while the functions are at work`,
    );
  const error = tried.value;
  kept(
    error instanceof StoreUnavailable,
    `A write in a killed session should be one to be tried again, and is told as ${error?.name ?? 'done'}`,
  );
  await holdsVersion(ports, key, 1n);
  same(await oracle.apply(key, { content: NEW, version: 2n }), true, 'whether the next write is done');
  return { state: 'passed', figures: { 'told as': error.cause instanceof Error ? error.cause.message : '' } };
}

async function holdsVersion({ oracle }: Ports, key: string, wanted: Version): Promise<void> {
  same((await oracle.read(key, {})).version, wanted, 'the version of a row');
}
