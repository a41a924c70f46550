/** Milliseconds, as in the configuration that comes with Crossfade. */
export const [LEASE, REFRESH, REQUEST] = [30_000, 5000, 20_000];
export const BAKE = LEASE + REQUEST;
export const REDELIVERY = 6 * REQUEST;
