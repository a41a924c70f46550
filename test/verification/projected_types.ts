/** Documents of five types in one collection, odd ones among them, and their tables; with a reckoning of their rows that shares no code with the product. */
import type { ProjectedColumn, Projection } from '../../functions/projection/projection.ts';

type Chosen = Partial<Pick<ProjectedColumn, 'missing' | 'misfit'>>;

function column(
  name: string,
  source: ProjectedColumn['source'],
  type: ProjectedColumn['type'],
  chosen: Chosen = {},
): ProjectedColumn {
  return { name, source, type, missing: { kind: 'null' }, misfit: { kind: 'refuse' }, ...chosen };
}

function table(name: string, of: Partial<Projection> & Pick<Projection, 'where' | 'columns'>): Projection {
  return { table: name, each: null, identifiedBy: null, foreignKey: false, indexes: [], ...of };
}

const at = (path: string) => ({ kind: 'document', path }) as const;
const of = (path: string) => ({ kind: 'element', path }) as const;
const type = (value: string) => [{ kind: 'equals', path: 'type', value }] as const;
const text = (length: number) => ({ kind: 'text', length, unit: 'bytes' }) as const;
const number = (precision: number, scale: number) => ({ kind: 'number', precision, scale }) as const;
const NULLED: Chosen = { misfit: { kind: 'null' } };

export const TYPES: readonly Projection[] = [
  table('AIRLINE', {
    where: type('airline'),
    columns: [column('NAME', at('name'), text(40)), column('FLEET', at('fleet'), number(4, 0), NULLED)],
  }),
  table('AIRPORT', {
    where: [{ kind: 'present', path: 'geo.alt' }],
    columns: [
      column('ALT', at('geo.alt'), number(7, 2), { misfit: { kind: 'round', rule: 'half-even' } }),
      column('CODE', { kind: 'key', separator: ':', part: 1 }, text(20)),
    ],
  }),
  table('ROUTE', { where: type('route'), columns: [column('AIRLINE', at('airline'), text(40))] }),
  table('ROUTE_STOP', {
    ...{ where: type('route'), each: 'stops', foreignKey: true },
    columns: [column('AT', of('at'), text(20)), column('LONG_NAME', of('names[-1]'), text(100), NULLED)],
  }),
  table('HOTEL', {
    where: type('hotel'),
    columns: [column('OPEN', at('open'), { kind: 'boolean', native: false })],
  }),
  table('HOTEL_REVIEW', {
    ...{ where: type('hotel'), each: 'reviews', identifiedBy: ['AUTHOR'] },
    columns: [
      column('AUTHOR', of('by'), text(20), { missing: { kind: 'refuse' } }),
      column('STARS', of('stars'), number(3, 1)),
    ],
  }),
  table('LANDMARK', {
    where: type('landmark'),
    columns: [column('BUILT', at('built'), { kind: 'date', formats: ['iso'] })],
  }),
];

/** How the columns of a table are read as texts, for a look that is not the product's. */
export const READ: Readonly<Record<string, string>> = {
  AIRLINE: '0, NAME, TO_CHAR(FLEET)',
  AIRPORT: '0, TO_CHAR(ALT), CODE',
  ROUTE: '0, AIRLINE',
  ROUTE_STOP: 'PLACE, AT, LONG_NAME',
  HOTEL: '0, TO_CHAR(OPEN)',
  HOTEL_REVIEW: 'PLACE, AUTHOR, TO_CHAR(STARS)',
  LANDMARK: "0, TO_CHAR(BUILT, 'YYYY-MM-DD HH24:MI:SS')",
};

type Row = readonly (string | null)[];
/** Documents are small and plain enough for JSON.parse and doubles. */
interface Parsed {
  readonly type?: unknown;
  readonly name?: string;
  readonly fleet?: number;
  readonly geo?: { readonly alt?: number | null };
  readonly airline?: string;
  readonly stops?: readonly { readonly at?: string; readonly names?: readonly string[] }[] | null;
  readonly open?: boolean;
  readonly reviews?: readonly { readonly by: string; readonly stars?: number }[] | null;
  readonly built?: string;
}

/** Rows by table: each `place` and its values, as `READ` gives them. */
export function rowsOf(key: string, body: string): Record<string, Row[]> {
  const found: Record<string, Row[]> = Object.fromEntries(Object.keys(READ).map((name) => [name, []]));
  const parsed = parsedOf(body);
  if (parsed === null) return found;
  const { type: kind, name, fleet, geo, airline, stops, open, reviews, built } = parsed;
  const alt = geo?.alt ?? null;
  if (kind === 'airline')
    found.AIRLINE?.push(['0', name || null, fleet === undefined || fleet > 9999 ? null : `${fleet}`]);
  if (alt !== null) found.AIRPORT?.push(['0', halfEven(alt), key.split(':')[1] ?? null]);
  if (kind === 'route') {
    found.ROUTE?.push(['0', airline || null]);
    for (const [n, stop] of (stops ?? []).entries()) {
      const long = stop.names?.at(-1) || null;
      found.ROUTE_STOP?.push([`${n}`, stop.at || null, long !== null && long.length > 100 ? null : long]);
    }
  }
  if (kind === 'hotel') {
    found.HOTEL?.push(['0', open === undefined ? null : open ? '1' : '0']);
    for (const [n, { by, stars }] of (reviews ?? []).entries())
      found.HOTEL_REVIEW?.push([`${n}`, by, stars === undefined ? null : `${stars}`]);
  }
  if (kind === 'landmark') found.LANDMARK?.push(['0', built === undefined ? null : `${built} 00:00:00`]);
  return found;
}

function parsedOf(body: string): Parsed | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Parsed) : null;
  } catch {
    return null;
  }
}

/** Of a number in eighths, whose thousandths are exact in a double. */
function halfEven(value: number): string {
  const hundredths = value * 100;
  const down = Math.floor(hundredths);
  const rest = hundredths - down;
  const up = rest > 0.5 || (rest === 0.5 && down % 2 !== 0);
  return `${(up ? down + 1 : down) / 100}`;
}

/** Two reviews by one author, a route whose stops are no array, a date that is none. */
const UNFIT = [
  '{"type":"hotel","reviews":[{"by":"a"},{"by":"a"}]}',
  '{"type":"route","stops":"none"}',
  '{"type":"landmark","built":"yesterday"}',
];

/** A document that an app sends as JSON, and that each table takes. */
export function fitBody(below: (most: number) => number): string {
  for (;;) {
    const body = anyBody(below);
    if (body.startsWith('{') && !UNFIT.includes(body)) return body;
  }
}

/** A document of any type; now and then one that no table takes, one that a table refuses, and one that is no JSON. */
export function anyBody(below: (most: number) => number): string {
  const some = (n: number, each: (n: number) => unknown) =>
    Array.from({ length: below(n + 1) }, (_, i) => each(i));
  const maybe = (members: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(members).filter(() => below(5) > 0));
  switch (below(9)) {
    case 0:
      return JSON.stringify({
        type: 'airline',
        ...maybe({ name: `Air ${below(100)}`, fleet: below(20_000) }),
      });
    case 1:
      return JSON.stringify({
        type: 'airport',
        ...maybe({ geo: below(6) === 0 ? { alt: null } : { alt: below(9000) / 8 } }),
      });
    case 2:
    case 3: {
      const stop = (n: number) => maybe({ at: `S${n}`, names: some(2, () => 'n'.repeat(1 + below(150))) });
      return JSON.stringify({
        type: 'route',
        ...maybe({ airline: 'A', stops: below(6) === 0 ? null : some(5, stop) }),
      });
    }
    case 4:
    case 5: {
      const review = (n: number) => ({ by: `a${n}`, ...maybe({ stars: below(10) / 2 }) });
      return JSON.stringify({ type: 'hotel', ...maybe({ open: below(2) === 0, reviews: some(4, review) }) });
    }
    case 6:
      return JSON.stringify({
        type: 'landmark',
        ...maybe({ built: `19${10 + below(90)}-02-0${1 + below(9)}` }),
      });
    case 7:
      return UNFIT[below(UNFIT.length)] as string;
    default:
      return ['{"type":"other"}', 'no JSON', '[1,2]', '"text"', '{"type":"hotel","geo":{"alt":1.125}}'][
        below(5)
      ] as string;
  }
}
