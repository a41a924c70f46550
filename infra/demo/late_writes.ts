/** A job at night that nobody has thought of writes past the API when Oracle decides already: what it writes is set aside and told, and an operator decides. */
import type { SetAsidePage } from '../../functions/operations/set_aside.ts';
import { setAsideOutcomes } from '../console/decide.ts';
import type { Place } from './app.ts';
import type { Fault } from './book.ts';
import { bodyOf, markOf, nameOf } from './clients.ts';
import { tellFeed } from './hand_over.ts';
import { COLLECTION } from './past.ts';
import type { Screen } from './screen.ts';
import type { Stage } from './stage.ts';

/** Milliseconds between two looks. */
const LOOK = 500;
/** As the job calls itself, and as the service does that writes the same documents by the API. */
const [NIGHTLY, BY_DAY] = [97, 98];
const PREFIX = 'nightly/';
const WHY = 'the job at night was right';

/** One write of the job. */
interface Overwritten {
  readonly place: Place;
  /** By the API, and by the job. */
  readonly ours: string;
  readonly theirs: string;
  /** To be called once the operator has decided for it. */
  readonly restored: () => void;
}

/** What of a stage it is played on. */
type Played = Pick<
  Stage,
  'alarm' | 'app' | 'caught' | 'crowd' | 'look' | 'past' | 'patience' | 'service' | 'stores'
>;

/** What is wrong is caught by the stage. Throws `Stuck`, also where no alarm goes off. */
export async function lateWrites(stage: Played, screen: Pick<Screen, 'tell'>): Promise<void> {
  const before = stage.alarm.count;
  const all: Overwritten[] = [];
  for (const place of stage.crowd.nightly) all.push(await overwritten(stage, place));
  stage.past.late.written = all.length;
  screen.tell(
    `A job at night that nobody has thought of writes ${all.length} documents straight into Couchbase, over what the API wrote a moment ago`,
  );
  await stage.patience.until(
    async () => stage.alarm.count - before,
    (count) => count >= all.length,
    (count) => `the alarm ForeignConflicts tells of ${count} writes past the API, of ${all.length}`,
    LOOK,
  );
  await stage.past.readOnly(['old-service', 'nightly-job']);
  screen.tell('Alarm ForeignConflicts: somebody writes past the API. The operator takes the right away, too');
  tellFeed(screen, await stage.patience.again('the status is not told', () => stage.look()));
  for (const fault of await bothVersions(stage, all)) stage.caught.push(fault);
  screen.tell(
    `Both versions are kept: the stores hold what the API wrote, and npx crossfade set-aside list ${COLLECTION} has the others`,
  );
  await restore(stage, screen, all);
}

/** A document that the API has written, and the job after it. */
async function overwritten({ crowd, app, past, patience }: Played, place: Place): Promise<Overwritten> {
  const { book } = crowd;
  const name = nameOf(place);
  const mark = book.next(name);
  const [ours, theirs] = [bodyOf(BY_DAY, mark), bodyOf(NIGHTLY, mark + 1)];
  const end = book.begin(name, mark);
  await patience.again(`${place.key} is not written by the API`, async () => {
    const { status, problem } = await app.put(place, ours);
    if (status !== 204) throw new Error(`${status} ${problem}`);
  });
  end('acknowledged');
  const restored = book.begin(name, mark + 1);
  await patience.again(`${place.key} is not written in Couchbase`, async () => {
    const outcome = await past.nightly.put(place.key, theirs);
    if (outcome !== 'acknowledged') throw new Error(`its outcome is ${outcome}`);
  });
  return { place, ours, theirs, restored: () => restored('acknowledged') };
}

/** What is wrong: both stores must hold what the API wrote, and what the job wrote must be set aside. Throws `Stuck`. */
async function bothVersions(stage: Played, all: readonly Overwritten[]): Promise<Fault[]> {
  const look = async () => {
    const held = await Promise.all(all.map(({ place }) => stage.stores.held(place)));
    return held.filter(({ couchbase, oracle }, n) => couchbase !== all[n]?.ours || oracle !== all[n]?.ours);
  };
  await stage.patience.until(
    look,
    (others) => others.length === 0,
    (others) => `${others.length} documents are not what the API wrote in both stores`,
    LOOK,
  );
  const asked = { collection: COLLECTION, prefix: PREFIX, open: true, after: null, limit: 100, bodies: true };
  const { entries } = await stage.patience.again('what was set aside is not told', () =>
    stage.service.ask<SetAsidePage>('set-aside', asked),
  );
  const kept = new Map(entries.map(({ key, body }) => [key, Buffer.from(body ?? '', 'base64').toString()]));
  return all
    .filter(({ place, theirs }) => markIn(kept.get(place.key)) !== markOf(theirs))
    .map(({ place }) => ({
      key: nameOf(place),
      kind: 'lost',
      detail: `what the job at night wrote is not set aside, but ${kept.get(place.key)?.slice(0, 80) ?? 'nothing'}`,
    }));
}

function markIn(body: string | undefined): number | null {
  return body === undefined || body === '' ? null : markOf(body);
}

/** The operator decides for all of them at once. Throws `Stuck`. */
async function restore(
  stage: Played,
  screen: Pick<Screen, 'tell'>,
  all: readonly Overwritten[],
): Promise<void> {
  const command = `npx crossfade set-aside restore ${COLLECTION} --prefix ${PREFIX} --why '${WHY}'`;
  screen.tell(`Operator: ${command} --confirm`);
  const asked = { collection: COLLECTION, how: 'restore', prefix: PREFIX, why: WHY, confirm: true };
  // What is decided is open no more: so a command that has failed half-way may be given again.
  const done = new Set<string>();
  await stage.patience.again('the entries are not restored', async () => {
    for await (const { key, does } of setAsideOutcomes(stage.service, asked))
      if (does !== 'nothing') done.add(key);
    if (done.size < all.length) throw new Error(`${done.size} of ${all.length} were restored`);
  });
  for (const { restored } of all) restored();
  stage.past.late.restored = done.size;
  screen.tell(`${done.size} documents are again as the job at night wrote them, in both stores`);
}
