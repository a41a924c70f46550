/** Custom resources of a template, made as CloudFormation makes them. */
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { LocalFunction } from './lambda/function.ts';
import { listening, portOf, shut } from './listen.ts';
import { type Resource, type Template, UnknownInTemplate } from './template.ts';

/** Invokes the function behind a custom resource, and waits for what it tells CloudFormation. */
export async function createCustom(
  template: Template,
  { id, type, properties }: Resource,
  functions: ReadonlyMap<string, LocalFunction>,
): Promise<void> {
  const { ServiceToken, ...rest } = template.resolve(properties) as { ServiceToken: string };
  const target = functions.get(ServiceToken);
  if (target === undefined)
    throw new UnknownInTemplate(`${id} is made by ${ServiceToken}, which is no function`);
  let told: { Status?: string; Reason?: string } = {};
  const server = await listening(
    createServer(async (request, response) => {
      told = (await json(request)) as typeof told;
      response.end();
    }),
    0,
  );
  try {
    await target.invoke({
      ...{ RequestType: 'Create', ResponseURL: `http://127.0.0.1:${portOf(server)}/`, ResourceType: type },
      ...{
        StackId: 'local',
        RequestId: 'local',
        LogicalResourceId: id,
        ResourceProperties: { ServiceToken, ...rest },
      },
    });
  } finally {
    shut(server);
  }
  if (told.Status !== 'SUCCESS')
    throw new Error(`${id} could not be made: ${told.Reason ?? 'nothing was told'}`);
}
