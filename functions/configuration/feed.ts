/** The change feed of a collection: what tells Crossfade of writes past the API. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';

/** Milliseconds. */
const [MINUTE, WEEK] = [60_000, 604_800_000];

/** Of Kafka, as a broker takes it. */
const TOPIC = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

/** The Couchbase Kafka connector writes the collection's changes into a topic of its own. */
const KAFKA = v.strictObject({
  topic: v.pipe(
    v.string(),
    v.regex(TOPIC, 'it must be the name of a topic: 1 to 249 letters, digits, dots, _ and -'),
  ),
  /** How its records are to be read: the value tells key, CAS and event, or nothing, and the key of the record is that of the document. */
  values: v.optional(v.picklist(['metadata', 'none'], "it must be 'metadata' or 'none'"), 'metadata'),
});

export const FEED = v.nullable(
  v.strictObject({
    /** For how long nobody may have written past the API before `expand` is left for `seal`, in milliseconds. */
    quiet: v.optional(whole(1000, WEEK), 60 * MINUTE),
    /** After so many milliseconds without a probe that has come back, the feed counts as silent. */
    silent: v.optional(whole(5000, WEEK), 5 * MINUTE),
    /** From where its changes come; without it, from who sends them to the API, as the function of `npx crossfade eventing` does. */
    kafka: v.optional(KAFKA),
  }),
);

export type Feed = NonNullable<v.InferOutput<typeof FEED>>;

/** What is wrong with the topics beside one another. @param collections that are sound by themselves, with their keyspaces in Couchbase. */
export function topicProblems(
  collections: readonly (readonly [name: string, feed: Feed | null, keyspace: string])[],
): string[] {
  return collections.flatMap(([name, feed, keyspace], index) => {
    const { topic, values } = feed?.kafka ?? {};
    const other = collections.slice(0, index).find(([, before]) => before?.kafka?.topic === topic);
    if (topic === undefined || other === undefined) return [];
    const has = `collections.${name}.feed.kafka: it has the topic ${topic}, and so has ${other[0]}:`;
    // Collections over the same documents have one connector: the key of a record tells whose it is.
    if (keyspace !== other[2])
      return [`${has} give each its own, since a record does not tell its collection`];
    return values === other[1]?.kafka?.values ? [] : [`${has} say the same for values in both`];
  });
}
