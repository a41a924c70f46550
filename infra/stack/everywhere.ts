/** What holds for all resources of the stack alike, whichever file makes them. */
import type { Stack } from 'aws-cdk-lib';
import type { Deployment } from '../settings.ts';
import { boundRoles } from './boundary.ts';
import { encrypt } from './encryption.ts';
import { notify } from './notify.ts';

/** Called last: it looks at what is there, permissions included. */
export function everywhere(stack: Stack, deployment: Deployment): void {
  notify(stack, deployment.alarmTopic);
  encrypt(stack, deployment);
  boundRoles(stack, deployment.permissionsBoundary);
}
