/**
 * Records what a version writes, by letting its own functions run: `node test/compatibility/record.ts CHECKOUT FOLDER`. The record is what
 * the versions after it are tested with.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkSettings } from '../../infra/settings.ts';
import { readDocument } from '../../infra/template.ts';
import { synthesizeIn } from './checkout.ts';
import { SETTINGS } from './configuration.ts';
import { Hands } from './hands.ts';
import { columnsIn, namesInSource, namesInTemplate } from './names.ts';
import { invocationKind, kindsOf, linesIn, metricsIn, withoutSecrets } from './samples.ts';
import { KEYS, live, type Stage } from './scenario.ts';
import { type RawDocument, rawDocuments, rawTables } from './snapshot.ts';
import { Taps } from './taps.ts';
import { startWorld, type World } from './world.ts';

type Files = Record<string, unknown>;

async function recorded(world: World, outdir: string, checkout: string): Promise<Files> {
  const taps = new Taps();
  const deployment = await world.deploy(outdir, taps.log);
  taps.listenTo(deployment);
  taps.listenAt(world.queues);
  const hands = await Hands.of(deployment, world.parameters, checkout);
  const documents: Record<string, readonly RawDocument[]> = {};
  const commands: unknown[] = [];
  const { logins } = world.stores;
  const place = SETTINGS.collections.orders.couchbase;
  const stage: Stage = {
    ...{ hands, world },
    documents: async (phase) => {
      documents[phase] = await rawDocuments(logins, place, KEYS);
    },
    counted: (metric) => taps.lines.some(({ line }) => metric in line),
    printed: (command, code, output) => {
      process.stdout.write(`${new Date().toISOString()} ${command}: ${code}\n`);
      commands.push({ command, code, output: parsed(output) });
    },
  };
  await live(stage).catch((error: unknown) => {
    // What there is up to here helps to find out why.
    process.stderr.write(`The record is not whole: ${error}\n`);
    process.exitCode = 1;
  });
  const statements = taps.lines.flatMap(({ line }) =>
    line.message === 'Executes' ? [String(line.statement)] : [],
  );
  const tables = await rawTables(logins, namesOnly(columnsIn(statements)));
  return {
    'names.json': {
      ...{
        source: namesInSource(checkout),
        template: namesInTemplate(readDocument(outdir, SETTINGS.deployment.name)),
      },
      ...{
        tables: namesOnly(columnsIn(statements)),
        metrics: metricsIn(taps.lines),
        logs: linesIn(taps.lines),
      },
    },
    'schema.sql': statements.map((each) => `${each}\n/\n`).join(''),
    'rows.json': tables,
    'documents.json': documents,
    'parameters.json': parametersOf(world),
    'messages.json': kindsOf(taps.messages),
    'invocations.json': withoutSecrets(kindsOf(taps.invocations, invocationKind)),
    'commands.json': commands,
  };
}

function namesOnly(tables: Readonly<Record<string, object>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(tables).map(([name, columns]) => [name, Object.keys(columns)]));
}

/** With each value that they have had. */
function parametersOf({ parameters }: World): unknown {
  const { Parameters } = parameters.call(
    'GetParametersByPath',
    { Path: '/crossfade', Recursive: true },
    'test',
  ) as {
    Parameters: { readonly Name: string }[];
  };
  const history = (Name: string) =>
    (parameters.call('GetParameterHistory', { Name }, 'test') as { Parameters: { Value: string }[] })
      .Parameters;
  return Object.fromEntries(Parameters.map(({ Name }) => [Name, history(Name).map(({ Value }) => Value)]));
}

function parsed(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return output;
  }
}

const [checkout = '', folder = ''] = process.argv.slice(2).map((each) => resolve(each));
const outdir = mkdtempSync(join(tmpdir(), 'crossfade-record-'));
const world = await startWorld(checkSettings(SETTINGS, 'test/compatibility/configuration.ts'));
try {
  await synthesizeIn(checkout, outdir, SETTINGS);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(await recorded(world, outdir, checkout)))
    writeFileSync(
      join(folder, name),
      typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`,
    );
} finally {
  await world.stop();
  rmSync(outdir, { recursive: true });
}
