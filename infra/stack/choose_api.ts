/** Which kind of API is in front of the functions: an HTTP API, or for some VPCs alone a REST API. */
import type { Construct } from 'constructs';
import type { CheckedSettings } from '../settings.ts';
import type { DocumentApi } from './document_api.ts';
import type { Functions } from './functions.ts';
import { HttpDocuments } from './http_api.ts';
import { PrivateDocuments } from './private_api.ts';

export function chooseApi(
  scope: Construct,
  id: string,
  settings: CheckedSettings,
  functions: Functions,
): DocumentApi {
  const { private: closed } = settings.deployment;
  return closed === null
    ? new HttpDocuments(scope, id, settings)
    : new PrivateDocuments(scope, id, { settings, closed, functions });
}
