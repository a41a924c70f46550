/** Names that others rely on, as they stand in a checkout's source and in its template. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from '../../infra/template.ts';

/** Each text that one of these expressions finds in the files below a folder. */
function found(folder: string, ...expressions: readonly RegExp[]): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = files.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return expressions.flatMap((each) => [...text.matchAll(each)].map(([, name = '']) => name));
  });
  return [...new Set(texts)].sort();
}

export interface SourceNames {
  /** Names of errors: state machines retry by them, and logs and answers have them. */
  readonly errors: readonly string[];
  /** The last part of the `type` of each problem. */
  readonly problems: readonly string[];
}

export function namesInSource(checkout: string): SourceNames {
  const functions = join(checkout, 'functions');
  return {
    errors: found(functions, /readonly name(?:: string)? = '(\w+)'/g),
    problems: found(functions, /slug: '([a-z-]+)'/g, /\bbad\(\s*'([a-z-]+)'/g),
  };
}

export interface TemplateNames {
  /** Parameters with the pattern of their values. */
  readonly parameters: Readonly<Record<string, string | null>>;
  /** Logical ids: CloudFormation replaces a resource whose id changes, with all that it holds. */
  readonly resources: readonly string[];
  readonly routes: readonly string[];
  /** Metrics that alarms and the dashboard watch. */
  readonly metrics: readonly string[];
  /** Variables that the environment of each function has. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/** Kinds whose loss is a loss of data, of an address, or of an alarm that somebody relies on. */
const KEPT =
  /^AWS::(SQS::Queue|SSM::Parameter|StepFunctions::StateMachine|CloudWatch::Alarm|Lambda::Function|ApiGatewayV2::Api)$/;

export function namesInTemplate({ Resources }: Document): TemplateNames {
  const of = (type: string) =>
    Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
      Type === type ? [Properties as Record<string, never>] : [],
    );
  const text = JSON.stringify(Resources);
  const metrics = [
    ...of('AWS::CloudWatch::Alarm').flatMap(({ Namespace, MetricName }) =>
      Namespace === 'Crossfade' ? [String(MetricName)] : [],
    ),
    ...[...text.matchAll(/Crossfade\\{1,3}",\\{1,3}"(\w+)/g)].map(([, name = '']) => name),
  ];
  const functions = of('AWS::Lambda::Function').map(({ Handler, Environment }) => [
    Handler,
    Object.keys((Environment as { Variables?: object } | undefined)?.Variables ?? {}).sort(),
  ]);
  const parameters = of('AWS::SSM::Parameter').map(({ Name, AllowedPattern }) => [
    Name,
    AllowedPattern ?? null,
  ]);
  return {
    parameters: Object.fromEntries(parameters.sort()),
    resources: Object.entries(Resources)
      .flatMap(([id, { Type }]) => (KEPT.test(Type) ? [`${Type} ${id}`] : []))
      .sort(),
    routes: of('AWS::ApiGatewayV2::Route')
      .map(({ RouteKey }) => String(RouteKey))
      .sort(),
    metrics: [...new Set(metrics)].sort(),
    variables: Object.fromEntries(functions.sort()),
  };
}

export type ColumnType = 'VARCHAR2' | 'NUMBER' | 'BLOB';

/** The columns of each table that these statements make, with their types. */
export function columnsIn(statements: readonly string[]): Record<string, Record<string, ColumnType>> {
  const tables: Record<string, Record<string, ColumnType>> = {};
  for (const statement of statements) {
    const [, made, body = ''] = /^CREATE TABLE (\S+) \(([\s\S]*)\)$/.exec(statement) ?? [];
    const [, altered, added = ''] = /^ALTER TABLE (\S+) ADD \(([\s\S]*)\)$/.exec(statement) ?? [];
    const table = made ?? altered;
    if (table === undefined) continue;
    const found = (body + added).matchAll(/(?:^|[,\n]\s*)([A-Za-z_]+) (VARCHAR2|NUMBER|BLOB)/g);
    const columns = [...found].map(([, name = '', type]) => [name.toUpperCase(), type]);
    tables[table] = { ...tables[table], ...Object.fromEntries(columns) };
  }
  return tables;
}
