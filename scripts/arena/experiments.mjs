// The settings that docs/arena.md reports. Each experiment is played with every scenario, every policy and the same seeds.
import { allScenarios, policies, profiles } from '@midsentence/arena'

const base = { participants: 4, lineup: 'even', profile: profiles.hosted }
const withTraits = traits => ({ ...profiles.hosted, ...traits })
/** A tenth of the speed, in all that takes time. */
const slower = ({ first_token_ms, input_tokens_per_s, output_tokens_per_s }) => ({
  first_token_ms: first_token_ms.map(ms => ms * 10),
  input_tokens_per_s: input_tokens_per_s.map(speed => speed / 10),
  output_tokens_per_s: output_tokens_per_s.map(speed => speed / 10),
})

export const experiments = [
  { name: 'main', title: 'Four alike', seeds: 400, setting: base },
  ...[2, 3, 8, 16].map(participants => ({
    name: `participants-${participants}`,
    title: `${participants} participants`,
    seeds: participants > 8 ? 8 : 60,
    setting: { ...base, participants },
  })),
  ...['slow', 'chatty', 'absent', 'failing', 'hostile'].map(lineup => ({
    name: `lineup-${lineup}`,
    title: `One ${lineup}`,
    seeds: 60,
    setting: { ...base, lineup },
  })),
  {
    name: 'perfect-revision',
    title: 'Authors who notice and revise without fault',
    seeds: 60,
    setting: { ...base, profile: withTraits({ notices: [1, 1], repairs: [1, 1] }) },
  },
  {
    name: 'bad-revision',
    title: 'Authors who notice half, and revise half of that rightly',
    seeds: 60,
    setting: { ...base, profile: withTraits({ notices: [0.5, 0.5], repairs: [0.5, 0.5] }) },
  },
  {
    name: 'keep-nothing',
    title: 'Authors who keep nothing when they revise',
    seeds: 60,
    setting: { ...base, profile: withTraits({ keeps: [0, 0] }) },
  },
  {
    name: 'costly-reading',
    title: 'Reading is fifty times slower',
    seeds: 60,
    setting: {
      ...base,
      profile: withTraits({ input_tokens_per_s: profiles.hosted.input_tokens_per_s.map(speed => speed / 50) }),
    },
  },
  {
    name: 'slow-models',
    title: 'Models ten times slower',
    seeds: 60,
    setting: { ...base, profile: withTraits(slower(profiles.hosted)) },
  },
].map(experiment => ({ scenarios: allScenarios, policies, ...experiment }))
