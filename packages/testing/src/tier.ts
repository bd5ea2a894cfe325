/** True in `npm run test:long`. */
export const isLongTier = process.env.MIDSENTENCE_TIER === 'long'

/** Picks a size by tier: `quick` in `npm test`, `long` in `npm run test:long`. */
export const byTier = <T>(quick: T, long: T): T => (isLongTier ? long : quick)
