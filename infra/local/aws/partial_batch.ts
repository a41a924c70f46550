/** A batch of which some entries are refused while their neighbours are taken, as SQS answers it. */
import type { Answer } from './queue_faults.ts';

/** @param failed what is told of the entries that are refused. @param pass sends the entries that are taken. */
export async function passPartly<Entry>(
  taken: readonly Entry[],
  failed: readonly object[],
  pass: (entries: readonly Entry[]) => Promise<Answer>,
): Promise<Answer> {
  if (taken.length === 0 && failed.length > 0)
    return { status: 200, body: JSON.stringify({ Successful: [], Failed: failed }) };
  const answer = await pass(taken);
  if (answer.status !== 200) return answer;
  const { Failed = [], ...told } = JSON.parse(answer.body) as { Failed?: object[] };
  return { status: 200, body: JSON.stringify({ ...told, Failed: [...Failed, ...failed] }) };
}
