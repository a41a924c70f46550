/** A custom resource's side of CloudFormation's protocol: whatever happens, CloudFormation gets an answer, or it waits for an hour. */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';

const EVENT = v.object({
  RequestType: v.picklist(['Create', 'Update', 'Delete']),
  ResponseURL: v.string(),
  StackId: v.string(),
  RequestId: v.string(),
  LogicalResourceId: v.string(),
  ResourceType: v.optional(v.string()),
  /** Of this resource. `parameters`: what the names of the deployment's parameters begin with. `couchbaseSecret`: that is to be looked at, too. */
  ResourceProperties: v.optional(
    v.object({ parameters: v.optional(v.string()), couchbaseSecret: v.optional(v.string()) }),
  ),
});

/** The type of the resource that only looks whether the names of a deployment may be: before anything is created under them. */
export const NAMES = 'Custom::CrossfadeNames';

export type ResourceEvent = v.InferOutput<typeof EVENT>;

/** Throws for what CloudFormation would not send. */
export function resourceEvent(event: unknown): ResourceEvent {
  const { success, output, issues } = v.safeParse(EVENT, event);
  if (success) return output;
  const [issue] = issues;
  throw new Error(
    `The event is none of a custom resource (${issueText(issue)}): only CloudFormation ` +
      'invokes this function',
  );
}

/** Acts, and tells CloudFormation how it went. Rejects only where CloudFormation could not be told. */
export async function answered(event: ResourceEvent, act: () => Promise<void>): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = event;
  let outcome: { Status: 'SUCCESS' | 'FAILED'; Reason?: string } = { Status: 'SUCCESS' };
  try {
    await act();
  } catch (error) {
    // It takes 4 KB in all.
    outcome = {
      Status: 'FAILED',
      Reason: String(error instanceof Error ? error.message : error).slice(0, 2000),
    };
  }
  const body = JSON.stringify({
    ...outcome,
    // Always the same, so that no update ever looks like a replacement.
    PhysicalResourceId: 'crossfade-schema',
    ...{ StackId, RequestId, LogicalResourceId },
  });
  const response = await fetch(ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!response.ok) throw new Error(`CloudFormation did not take the answer: ${response.status}`);
}
