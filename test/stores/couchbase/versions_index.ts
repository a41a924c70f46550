/** The index of versions, made and dropped as the operators' manual says. */
import { readFileSync } from 'node:fs';
import type { TestCluster } from './cluster.ts';

const MANUAL = readFileSync(new URL('../../../infra/README.md', import.meta.url), 'utf8');

/** @param verb how the statement begins. */
export function indexStatement(
  { keyspace: { bucket, scope, collection } }: Pick<TestCluster, 'keyspace'>,
  verb: 'CREATE' | 'DROP',
): string {
  const found = new RegExp(`^ {4}(${verb} INDEX [^;]*);`, 'm').exec(MANUAL)?.[1];
  if (found === undefined) throw new Error(`The manual has no ${verb} INDEX`);
  return found.replace('`shop`.`sales`.`orders`', `\`${bucket}\`.\`${scope}\`.\`${collection}\``);
}

/** The statement ends once the index is built. */
export async function makeVersionsIndex(cluster: Pick<TestCluster, 'cluster' | 'keyspace'>): Promise<void> {
  await cluster.cluster.query(indexStatement(cluster, 'CREATE'));
}

export async function dropVersionsIndex(cluster: Pick<TestCluster, 'cluster' | 'keyspace'>): Promise<void> {
  await cluster.cluster.query(indexStatement(cluster, 'DROP'));
}
