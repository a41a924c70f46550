/** Whether apps may send keys in the path of a request, which API Gateway decodes twice and cuts at `%3F`. */
import * as v from 'valibot';

/** `accept` says that no key of any collection has a `%` or a `?`: one that has would reach another document. */
export const KEYS_IN_PATH = v.picklist(['refuse', 'accept']);
export type KeysInPath = v.InferOutput<typeof KEYS_IN_PATH>;
