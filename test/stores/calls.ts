/** How often functions of the product are called, as V8 counts them: nothing has to be put into the code for it. */
import { Session } from 'node:inspector/promises';

const FUNCTIONS = new URL('../../functions/', import.meta.url).href;

/** By `folder/file.ts name`, for what `act` calls until it has ended. */
export async function callsIn(act: () => Promise<unknown>): Promise<ReadonlyMap<string, number>> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    // What was called before counts from 0 again.
    await session.post('Profiler.takePreciseCoverage');
    await act();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    return new Map(
      result
        .filter(({ url }) => url.startsWith(FUNCTIONS))
        .flatMap(({ url, functions }) =>
          functions.map(({ functionName, ranges }) => [
            `${url.slice(FUNCTIONS.length)} ${functionName}`,
            ranges[0]?.count ?? 0,
          ]),
        ),
    );
  } finally {
    session.disconnect();
  }
}

/** Steps that take time in proportion to a document, or to its columns. */
const STEPS = {
  parsed: 'protocol/json.ts read',
  canonical: 'protocol/canonical.ts canonicalText',
  hashed: 'protocol/payload.ts digestOf',
  fit: 'stores/storable.ts problemOf',
  cut: 'stores/oracle/column.ts cut',
} as const;

/** How often `act` takes each of those steps. */
export async function stepsIn(
  act: () => Promise<unknown>,
): Promise<Readonly<Record<keyof typeof STEPS, number>>> {
  const calls = await callsIn(act);
  const counted = Object.entries(STEPS).map(([step, name]) => [step, calls.get(name) ?? 0]);
  return Object.fromEntries(counted) as Record<keyof typeof STEPS, number>;
}
