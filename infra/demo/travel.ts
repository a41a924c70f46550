/**
 * Documents of five types in one collection, as a travel agency would keep them: airlines, airports, routes with their flights, hotels with their reviews, and
 * landmarks. All names are made up, of syllables. As in a bucket that has lived for years, dates and prices are spelt as the program of the day did.
 */
import type { Place } from './places.ts';

export interface Counts {
  readonly airlines: number;
  readonly airports: number;
  readonly routes: number;
  readonly hotels: number;
  readonly landmarks: number;
}

/** What the demo moves. */
export const FEW: Counts = { airlines: 8, airports: 20, routes: 60, hotels: 40, landmarks: 20 };

const SYLLABLES = [
  'ba',
  'del',
  'fir',
  'go',
  'hen',
  'ka',
  'lor',
  'mi',
  'nes',
  'or',
  'pel',
  'ri',
  'sa',
  'tun',
  'vé',
  'wy',
];
const COUNTRIES = ['Ardania', 'Bellmoor', 'Corvia', 'Dunmar', 'Estrava'];
const KINDS = ['museum', 'park', 'tower', 'bridge'];
const DAY = 86_400;
/** 1990-01-01, in seconds. */
const FIRST_DAY = 631_152_000;
const DAYS = 12_000;

/** Draws from chances. */
export class Draw {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  name(): string {
    const text = Array.from({ length: 2 + this.below(2) }, () => this.of(SYLLABLES)).join('');
    return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  }

  /** A moment as it may be spelt: a date, a time with its zone, seconds or milliseconds since the epoch, or the digits of them. */
  moment(): string | number {
    const day = FIRST_DAY + this.below(DAYS) * DAY;
    const second = day + this.below(DAY);
    const iso = (at: number) => new Date(at * 1000).toISOString();
    return this.of([
      iso(day).slice(0, 10),
      iso(second),
      `${iso(second).slice(0, 19)}+02:00`,
      second,
      second * 1000 + this.below(1000),
      `${second * 1000}`,
    ]);
  }

  /** A price as a number, or as the text of a decimal. */
  price(least: number, most: number): string | number {
    const cents = least * 100 + this.below((most - least) * 100);
    return this.below(2) === 0 ? cents / 100 : (cents / 100).toFixed(2);
  }
}

interface City {
  readonly city: string;
  readonly country: string;
}

/** @param random the same for the same documents. */
export function travelOf(random: () => number, counts: Counts = FEW): Place[] {
  const draw = new Draw(random);
  const cities = Array.from({ length: Math.ceil(counts.airports * 0.8) }, () => ({
    city: draw.name(),
    country: draw.of(COUNTRIES),
  }));
  const codes = Array.from({ length: counts.airports }, (_, n) => codeOf(n));
  const carriers = Array.from({ length: counts.airlines }, (_, n) => `X${n}`);
  const made = (count: number, make: (n: number) => readonly [id: string, body: object], type: string) =>
    Array.from({ length: count }, (_, n) => documentOf(type, ...make(n)));
  return [
    ...made(counts.airlines, (n) => [carriers[n] as string, airline(draw)], 'airline'),
    ...made(counts.airports, (n) => [codes[n] as string, airport(draw, draw.of(cities))], 'airport'),
    ...made(counts.routes, (n) => [`${n}`, route(draw, carriers, codes, n)], 'route'),
    ...made(counts.hotels, (n) => [`${n}`, hotel(draw, draw.of(cities))], 'hotel'),
    ...made(counts.landmarks, (n) => [`${n}`, landmark(draw, draw.of(cities))], 'landmark'),
  ];
}

/** A document of a type, with the key that tells it from those of the others. */
export function documentOf(type: string, id: string, body: object): Place {
  return { key: `${type}::${id}`, body: JSON.stringify({ type, ...body }) };
}

/** Three letters, the first of them Q. */
function codeOf(number: number): string {
  const letter = (n: number) => String.fromCharCode(65 + (n % 26));
  return `Q${letter(Math.floor(number / 26))}${letter(number)}`;
}

function airline(draw: Draw): object {
  return {
    ...{ name: `${draw.name()} Air`, country: draw.of(COUNTRIES), active: draw.below(5) > 0 },
    ...(draw.below(4) > 0 ? { founded: draw.moment() } : {}),
  };
}

function airport(draw: Draw, { city, country }: City): object {
  return {
    ...{ name: `${city} ${draw.of(['North', 'South', 'Field'])}`, city, country },
    geo: {
      'lat.deg': draw.below(1800) / 10 - 90,
      'lon.deg': draw.below(3600) / 10 - 180,
      alt: draw.below(900),
    },
  };
}

function route(draw: Draw, carriers: readonly string[], codes: readonly string[], number: number): object {
  const from = draw.below(codes.length);
  const carrier = draw.of(carriers);
  const flight = (n: number) => ({
    ...{ day: draw.below(7), departs: `${10 + draw.below(10)}:${10 + draw.below(50)}` },
    flight: `${carrier}${100 + number}${n}`,
  });
  return {
    ...{
      airline: carrier,
      from: codes[from],
      to: codes[(from + 1 + draw.below(codes.length - 1)) % codes.length],
    },
    // As sums of doubles come out.
    distance: draw.below(5) === 0 ? 0.1 + 0.2 + draw.below(900) : draw.below(90_000) / 10,
    schedule: Array.from({ length: draw.below(8) }, (_, n) => flight(n)),
  };
}

function hotel(draw: Draw, { city, country }: City): object {
  const review = () => ({
    ...{ author: draw.name(), written: draw.moment(), stars: 1 + draw.below(5) },
    text: `${draw.name()} ${draw.name()} ${draw.name()}.`,
  });
  return {
    ...{ name: `Hotel ${draw.name()}`, city, country, price: draw.price(40, 400), pets: draw.below(2) === 0 },
    reviews: Array.from({ length: draw.below(6) }, review),
    ...(draw.below(6) === 0 ? { closed: null } : {}),
  };
}

function landmark(draw: Draw, { city, country }: City): object {
  const digest = Array.from({ length: 16 }, () => draw.below(256).toString(16).padStart(2, '0')).join('');
  return {
    ...{ name: `${draw.name()} ${draw.of(KINDS)}`, city, country, kind: draw.of(KINDS), image: digest },
    tags: Array.from({ length: draw.below(4) }, () => draw.of(['old', 'free', 'family', 'view'])),
  };
}
