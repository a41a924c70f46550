/** Which test files share a process: to start one, and to load what a file tests, takes longer than most files' tests. */
import { posix } from 'node:path';

const { dirname, join } = posix;

/**
 * What a file needs, by itself or by what it imports from `test/`: a whole stack; servers of its own; a process of its own, since it changes something there that
 * the next file would find changed; or nothing of it.
 */
type Need = 'stack' | 'process' | 'servers' | 'nothing';

/** The first that is found counts. */
const SIGNS: readonly (readonly [Need, RegExp])[] = [
  ['stack', /^import (?!type\b)[^;]*?\/infra\/local\/(?:start|deploy)\.ts';/m],
  ['process', /\bprocess\.(?:exit|exitCode|stdin|stdout|stderr|chdir)\b|\bprocess\.(?:on|once)\((?!'exit')/],
  ['process', /\bprocess\.env(?:\.\w+|\[\w+\]) \??= |\bdelete process\.env|\bassign\(process\.env/],
  ['process', /\bmock\b|\bglobalThis\b|'node:(?:child_process|worker_threads)'/],
  ['servers', /^import (?!type\b)[^;]*?\/infra\/local\/(?:stores|servers\/\w+\/start)\.ts';/m],
];

/** In a file that others import, once for all of them: their hooks would be those of the first one. */
const HOOKS = /^(?:before|after|beforeEach|afterEach)\(/m;

/** How much of a process a file takes. One that is full ends within seconds, but for what takes all of it. */
const SHARE: Readonly<Record<Need, number>> = { stack: 16, process: 16, servers: 4, nothing: 1 };
const MOST = 16;

/** An import that loads another file of this repository; types are erased. */
const IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?'(\.[^']+\.ts)';/gm;

/** Reads a file, by its path from the root of the repository. */
export type Source = (file: string) => string;

export function needOf(file: string, source: Source): Need {
  const files = new Set([file]);
  // A set may grow while it is gone through.
  for (const each of files)
    for (const [, path = ''] of source(each).matchAll(IMPORT)) {
      const imported = join(dirname(each), path);
      if (imported.startsWith('test/')) files.add(imported);
    }
  const [own = '', ...imported] = [...files].map(source);
  const texts = [own, ...imported];
  if (imported.some((text) => HOOKS.test(text))) return 'process';
  return SIGNS.find(([, sign]) => texts.some((text) => sign.test(text)))?.[0] ?? 'nothing';
}

/** Files of one process, in the order in which their tests run there. */
export interface Group {
  readonly files: readonly string[];
  readonly need: Need;
}

/**
 * Each file once, with those of its folder that share a process with it.
 *
 * @param files paths of test files from the root of the repository.
 */
export function groupsOf(files: readonly string[], source: Source): Group[] {
  const groups: { readonly files: string[]; readonly need: Need; room: number }[] = [];
  for (const file of files) {
    const need = needOf(file, source);
    const share = SHARE[need];
    const isFor = (group: (typeof groups)[number]) =>
      group.room >= share && dirname(group.files[0] ?? '') === dirname(file);
    const group = groups.findLast(isFor);
    if (group === undefined) groups.push({ files: [file], need, room: MOST - share });
    else {
      group.files.push(file);
      group.room -= share;
    }
  }
  return groups;
}

/**
 * The order in which they begin. A stack waits more than it works, so stacks come between the others, in the first half: nothing is left to be done beside what
 * comes last. What needs nothing comes last, since it is over soonest.
 */
export function spread(groups: readonly Group[]): Group[] {
  const stacks = groups.filter(({ need }) => need === 'stack');
  const rest = groups.filter(({ need }) => need !== 'stack');
  const isLast = ({ need }: Group) => need === 'nothing';
  const others = [...rest.filter((group) => !isLast(group)), ...rest.filter(isLast)];
  const between = Math.floor(others.length / 2 / Math.max(1, stacks.length));
  return [
    ...stacks.flatMap((stack, n) => [stack, ...others.slice(n * between, (n + 1) * between)]),
    ...others.slice(stacks.length * between),
  ];
}
