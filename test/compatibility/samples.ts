/** Of many recorded things, one of each kind. */

/** How many of one kind are kept. */
const MOST = 1;
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

export function kindsOf<T>(things: readonly T[]): T[] {
  const counts = new Map<string, number>();
  return things.filter((each) => {
    const kind = kindOf(each);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return (counts.get(kind) ?? 0) <= MOST;
  });
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
