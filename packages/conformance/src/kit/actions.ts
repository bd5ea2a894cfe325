import fc from 'fast-check'

/** How often random cases contain each action of a session, relative to the others. */
export const actionWeights = { append: 6, push: 6, publish: 4, check: 3, preview: 2, undo: 2, reset: 1 } as const

export type ActionName = keyof typeof actionWeights

/** Picks one of the names, each as often as its weight says. */
export const weighted = <Name extends string>(weights: Readonly<Record<Name, number>>): fc.Arbitrary<Name> =>
  fc.oneof(
    ...(Object.entries(weights) as [Name, number][]).map(([name, weight]) => ({
      weight,
      arbitrary: fc.constant(name),
    })),
  )
