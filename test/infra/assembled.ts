/** Templates of any settings, for tests that do not need that of the tests’ own configuration. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../infra/settings.ts';
import { type Document, readDocument } from '../../infra/template.ts';
import { assembledIn } from '../judges/assembled.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: a template's properties are anything.
export type Properties = any;

/** The template with its nested stacks. Judges look at those of `test/judges`, since that takes longer than to make them. */
export function templateOf(settings: Settings): Document {
  return readDocument(assembled(settings), settings.deployment.name);
}

/** @returns the folder with the templates, with something else for the bundle. */
export function assembled(settings: Settings): string {
  return assembledIn(mkdtempSync(join(folder, 'assembled-')), settings, null).outdir;
}
