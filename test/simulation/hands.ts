/**
 * Other hands in Couchbase: they answer what we write there with touches, act past the API, and give the bucket a maximum TTL. What they draw is
 * drawn from a stream of their own.
 */
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { ROUTES } from '../../functions/protocol/phase.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { execute, type World } from '../model/world.ts';
import { COUNTED, type HandsParts, PastApi } from './past_api.ts';
import { type Act, handsOf, type OtherHands, toldOf } from './plan.ts';
import { BAKE } from './rules.ts';
import { lasting, type Random } from './scheduler.ts';

const [HAND, BUCKET] = [lasting('other-hand'), lasting('bucket')];
const STREAM = 0x68616e64;
/** Milliseconds, at most: of a spell of work, between two acts, until an answer, and until a commit. */
const [SPELL, PAUSE, SOON, COMMIT] = [60_000, 8000, 300, 4000];
/** Between two spells; and how many there are where no feed tells of them, since gates wait for a verification that meets none. */
const [QUIET, LONG_QUIET, UNTOLD] = [400_000, 1_500_000, 4];
/** An expiry that a hand gives, in milliseconds from now. */
const [EARLIEST, LATEST] = [200_000, 1_200_000];
/** Mutations of ours of one key that the way to rest may take once nobody writes any more, though others answer them. */
const REWRITTEN = 8;

type Touch = Pick<OtherHands, 'drops' | 'expiry'>;

export class Hands {
  readonly #parts: HandsParts;
  readonly #random: Random;
  readonly #plan: OtherHands;
  readonly #past: PastApi;
  readonly #rewritten = new Map<string, number>();
  #isResting = false;

  constructor(parts: HandsParts) {
    const { scheduler, stores, lives, history } = parts;
    this.#parts = parts;
    this.#random = scheduler.random.beside(STREAM);
    this.#plan = handsOf(this.#random);
    scheduler.tell(HAND, toldOf(this.#plan));
    this.#past = new PastApi(parts, HAND, this.#random, (key) => this.#feed(key));
    stores.mutated = (key) => this.#follow(key);
    lives.alike = this.#random;
    history.isUnnamed = this.#plan.drops;
    this.#limit();
    this.#work();
  }

  /** Nobody does anything by itself any more. Who answers mutations goes on. */
  rest(): void {
    this.#isResting = true;
  }

  /** What is wrong with a key at rest; null for nothing. */
  judge(key: string): string | null {
    return this.#past.judge(key);
  }

  async #limit(): Promise<void> {
    const { scheduler, lives } = this.#parts;
    const [first, ...later] = this.#plan.ttls;
    lives.maxTtl = first;
    for (const ttl of later) {
      await scheduler.sleep(BUCKET, this.#random.below(900_000), `gets a maximum TTL of ${ttl / 1000} s`);
      lives.maxTtl = ttl;
      scheduler.strike('maximum TTL changed');
    }
  }

  async #work(): Promise<void> {
    const { scheduler, keys, isOver } = this.#parts;
    const { acts, feed } = this.#plan;
    const quiet = feed ? QUIET : LONG_QUIET;
    if (acts.length === 0) return;
    for (let spell = 0; !isOver() && (feed || spell < UNTOLD); spell++) {
      await scheduler.sleep(HAND, this.#random.below(quiet));
      const until = scheduler.now + this.#random.below(SPELL);
      while (scheduler.now < until) {
        await scheduler.sleep(HAND, this.#random.below(PAUSE));
        if (this.#mayAct && !isOver()) this.#act(this.#random.pick(acts), this.#random.pick(keys));
      }
    }
  }

  get #mayAct(): boolean {
    return !this.#random.isCalm && this.#parts.stores.isUp('couchbase');
  }

  #act(act: Act, key: string): void {
    const { drops } = this.#plan;
    if (act === 'touch') this.#touch(key, { drops, expiry: 'kept' });
    else if (act === 'prolong') this.#touch(key, { drops, expiry: 'other' });
    else if (act === 'get and touch') this.#getAndTouch(key);
    else if (act === 'stage') this.#stage(key);
    else this.#past.act(act, key);
  }

  /** A mutation of ours. */
  #follow(key: string): void {
    const world = this.#parts.stores.world(key);
    this.#limitMarker(key, world);
    if (world.cas === 0n) return;
    this.#past.remember(key, world);
    if (this.#isResting && world.content !== null) this.#count(key);
    for (let n = 0; n < this.#plan.answers; n++) this.#answer(key);
  }

  #count(key: string): void {
    const rewritten = (this.#rewritten.get(key) ?? 0) + 1;
    this.#rewritten.set(key, rewritten);
    if (rewritten > REWRITTEN)
      this.#parts.scheduler.wrong ??= `${key}: repairs write it again and again, and others answer each time`;
  }

  /** A maximum TTL is one of markers, too. */
  #limitMarker(key: string, { cas, content }: World): void {
    const { scheduler, lives, stores } = this.#parts;
    if (lives.maxTtl === 0 || content !== null || cas === 0n) return;
    scheduler.sleep(BUCKET, lives.maxTtl).then(() => {
      if (stores.world(key).cas !== cas) return;
      scheduler.strike('marker expired');
      scheduler.tell(BUCKET, `${key}: the marker expires`);
      stores.byHand(key, (world) => execute(world, { name: 'couchbase.erase', cas }, {}).world);
    });
  }

  async #answer(key: string): Promise<void> {
    const { answers, expiry } = this.#plan;
    // Where a repair comes between two touches with other expiries, what the second one has left is written over: that is answered, too.
    const isLate = this.#random.chance(0.1) && (answers === 1 || expiry === 'kept');
    const after = this.#random.below(isLate ? BAKE : SOON);
    await this.#parts.scheduler.sleep(HAND, after);
    if (this.#mayAct) this.#touch(key, this.#plan);
  }

  #touch(key: string, { drops, expiry }: Touch): void {
    const { stores, scheduler, lives } = this.#parts;
    const { cas, content } = stores.world(key);
    if (cas === 0n) return;
    const left = expiry === 'other' && content !== null ? this.#expiring(key, content) : content;
    const isOther = left?.expiresAt !== content?.expiresAt;
    const kind = isOther ? 'touch with another expiry' : 'touch';
    scheduler.strike(kind);
    scheduler.tell(HAND, `${key}: ${kind}${isOther ? ` ${left?.expiresAt}` : ''}`);
    stores.byHand(key, (world) => touched(world, lives.shortened(key, left), drops));
    this.#limitMarker(key, stores.world(key));
    this.#feed(key);
  }

  #expiring(key: string, content: Content & object): Content {
    const { scheduler, lives } = this.#parts;
    const after = this.#random.below(LATEST);
    const at = 1000 * Math.ceil((scheduler.now + EARLIEST + after) / 1000);
    const isNone = this.#random.chance(0.2) && !lives.isAlike(content);
    return lives.expiring(key, content, isNone ? null : at);
  }

  #getAndTouch(key: string): void {
    const { stores, history, lives, control } = this.#parts;
    if (COUNTED.includes(control.phase)) {
      const id = history.begin(HAND, key, { kind: 'read', value: null });
      history.end(HAND, key, id, lives.valueOf(key, stores.world(key).content));
    }
    this.#touch(key, { drops: false, expiry: 'other' });
  }

  /** A transaction stages a change in the document. It commits where nobody has changed the document since. */
  async #stage(key: string): Promise<void> {
    const { stores, scheduler } = this.#parts;
    if (stores.world(key).content === null) return;
    this.#touch(key, { drops: false, expiry: 'kept' });
    const { cas } = stores.world(key);
    await scheduler.sleep(HAND, this.#random.below(COMMIT));
    if (!this.#mayAct || this.#isResting || stores.world(key).cas !== cas) return;
    this.#act(this.#random.pick(['write', 'write', 'remove', 'touch']), key);
  }

  /** Eventing, or a connector, tells of the mutation. */
  #feed(key: string): void {
    const { queue, control } = this.#parts;
    const { phase } = control;
    if (!this.#plan.feed || ROUTES[phase].second === null) return;
    queue.sender(HAND)({ collection: 'c', key, phase, cause: 'write', expired: 0n });
  }
}

/** With another CAS. Where the attribute is gone, Couchbase does not tell any more which request has written it. */
function touched(world: World, left: Content, drops: boolean): World {
  const cas = world.clock + world.tick;
  const request = drops ? undefined : world.content?.request;
  const content = left === null ? null : documentFrom(left.body, left.expiresAt, request);
  // A marker without its attribute is a document that somebody has written.
  const xattr = drops && content !== null ? null : world.xattr;
  return { ...world, clock: cas, cas, content, xattr, gone: 0n };
}
