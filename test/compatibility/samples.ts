/** Of many recorded things, one of each kind. */
import type { Invocation } from './taps.ts';

/** Characters of a text that tells a kind: longer ones are values. */
const WORD = /^[a-zA-Z-]{1,20}$/;

/** What all things of one kind have in common: their members, and those of their values that are words. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length === 0 ? '' : kindOf(value[0])}]`;
  if (typeof value === 'string') return inText(value) ?? (WORD.test(value) ? value : 'text');
  if (typeof value !== 'object' || value === null) return typeof value;
  return `{${Object.entries(value)
    .map(([name, each]) => `${name}:${kindOf(each)}`)
    .join()}}`;
}

/** The kind of JSON in a text. */
function inText(text: string): string | null {
  if (!text.startsWith('{')) return null;
  try {
    return kindOf(JSON.parse(text));
  } catch {
    return null;
  }
}

/** @param kind tells things apart: by their members and words where it is not given. */
export function kindsOf<T>(things: readonly T[], kind: (thing: T) => string = kindOf): T[] {
  return [...new Map(things.toReversed().map((each) => [kind(each), each])).values()].toReversed();
}

/** What a function was asked for, and with which status it has answered. */
export function invocationKind({ entry, event, result }: Invocation): string {
  const { routeKey, pathParameters, step, job, Records } = event as Record<string, never>;
  const { statusCode, body } = (result ?? {}) as Record<string, never>;
  const { operation } = (pathParameters ?? {}) as { operation?: string };
  const problem = /urn:crossfade:problem:[a-z-]+/.exec(String(body))?.[0];
  const record = (Records as { body: string }[] | undefined)?.[0];
  return JSON.stringify([
    entry,
    routeKey,
    operation,
    step,
    job,
    statusCode,
    problem,
    record && kindOf(record.body),
  ]);
}

const SECRET = new Set(['authorization', 'x-amz-security-token']);

export function withoutSecrets<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (name, each) => (SECRET.has(name.toLowerCase()) ? 'left out' : each)),
  );
}

interface Line {
  readonly line: Record<string, unknown>;
}
interface Emf {
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
  }[];
}

/** Metrics with their units and dimensions. */
export function metricsIn(lines: readonly Line[]): Record<string, unknown> {
  const found = lines.flatMap(({ line }) =>
    ((line._aws as Emf | undefined)?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
      Metrics.map(
        ({ Name, Unit }) => [Name, { namespace: Namespace, unit: Unit, dimensions: Dimensions }] as const,
      ),
    ),
  );
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The members of each line of the log, by the message. */
export function linesIn(lines: readonly Line[]): Record<string, readonly string[]> {
  const members: Record<string, Set<string>> = {};
  for (const { line } of lines) {
    if (typeof line.message !== 'string') continue;
    members[line.message] = new Set([...(members[line.message] ?? []), ...Object.keys(line)]);
  }
  return Object.fromEntries(
    Object.entries(members)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([message, names]) => [message, [...names].sort()]),
  );
}
