/** All rules that a store must keep, whoever asks: a test over the embedded servers, or a certification of real ones. */
import { BODY_RULES } from './bodies.ts';
import { COPIES } from './copies.ts';
import { KEY_RULES } from './keys.ts';
import { RACES } from './races.ts';
import type { Rule } from './subject.ts';
import { WRITES } from './writes.ts';

export const RULES: readonly Rule[] = [...WRITES, ...COPIES, ...RACES, ...KEY_RULES, ...BODY_RULES];
