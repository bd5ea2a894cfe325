import fc from 'fast-check'

/**
 * Properties are tried on the same cases every time, so that a failure is one of the change and can be played again.
 * `MIDSENTENCE_CHANCE=any` tries new ones, `MIDSENTENCE_CHANCE=N` those of seed N; fast-check prints the seed.
 */
const chance = process.env.MIDSENTENCE_CHANCE ?? '20261123'
if (chance !== 'any') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(chance) })
