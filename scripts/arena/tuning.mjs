// Variants of the defaults of rooms and of the loop of models. The first policy of each experiment is the default.
import { allScenarios, policies, profiles } from '@midsentence/arena'

const hold = policies.find(({ name }) => name === 'hold')
const named = (name, changes) => ({ ...hold, ...changes, name })
const room = (name, changes) => named(name, { room: { ...hold.room, ...changes } })

const loop = [
  named('default', {}),
  ...[0, 1, 2, 5, 10].map(maxInterruptions => named(`interruptions-${maxInterruptions}`, { maxInterruptions })),
  named('everything', { interruptedBy: () => true }),
  named('mentions', { interruptedBy: ({ content }, author) => content.includes(author) }),
]
const rooms = [
  named('default', {}),
  ...[1, 2, 4, 6, Number.POSITIVE_INFINITY].map(holds => room(`holds-${holds}`, { holds_for_floor: holds })),
  ...[10_000, 30_000, 120_000].map(floor_ms => room(`floor-${floor_ms / 1000}-s`, { floor_ms })),
]

/** Every second scenario is tuned on; the others are only reported. */
export const isTunedOn = name => allScenarios.findIndex(scenario => scenario.name === name) % 2 === 0

const settings = [
  { name: '4', participants: 4, lineup: 'even' },
  { name: '8', participants: 8, lineup: 'even' },
  { name: '4-hostile', participants: 4, lineup: 'hostile' },
]

export const experiments = Object.entries({ loop, rooms }).flatMap(([kind, variants]) =>
  settings.map(({ name, ...setting }) => ({
    name: `${kind}-${name}`,
    title: `${kind}, ${name}`,
    seeds: 60,
    scenarios: allScenarios,
    policies: variants,
    setting: { ...setting, profile: profiles.hosted },
  })),
)
