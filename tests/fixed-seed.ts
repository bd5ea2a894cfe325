import fc from 'fast-check'

/**
 * Fixes the seed of fast-check, so that each run tries the same cases and a failure comes from the change.
 * `MIDSENTENCE_PROPERTY_SEED=random` tries new cases, `MIDSENTENCE_PROPERTY_SEED=N` those of seed N. fast-check prints the
 * seed of a failure.
 */
const seed = process.env.MIDSENTENCE_PROPERTY_SEED ?? '20261123'
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) })
