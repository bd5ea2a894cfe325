// Adds a policy, writers and a scenario to the arena, and compares the policy with the default of rooms.
import assert from 'node:assert/strict'
import { meanOf, policies, profiles, ratioOf, sample } from '@midsentence/arena'

// A policy: as `hold`, but only a message that names an author interrupts it.
const hold = policies.find(({ name }) => name === 'hold')
const byName = { ...hold, name: 'by-name', interruptedBy: ({ content }, author) => content.includes(author) }

// Writers: slow to begin, and they never overlook anything.
const careful = { ...profiles.hosted, first_token_ms: [2000, 4000], notices: [1, 1], repairs: [1, 1] }

// A scenario: each author says once how many have spoken before it. `plan` is pure: it depends on what the author has read.
const rollCall = {
  name: 'roll-call',
  about: 'Each author says once how many have spoken before it.',
  resembles: 'A roll call.',
  deal: (_authors, _random, prose) => ({
    plan: (author, messages) =>
      messages.some(({ sender_id }) => sender_id === author)
        ? undefined
        : [`${messages.length} have spoken before me.`, ...prose.sentences(author, 3)],
    result: messages => messages.map(({ content }) => Number.parseInt(content, 10)),
  }),
}

async function play(policy) {
  const runs = []
  const setting = { scenario: rollCall, policy, participants: 4, lineup: 'even', profile: careful }
  for await (const measures of sample(setting, 20)) runs.push(measures)
  return runs
}

const [usual, changed] = [await play(hold), await play(byName)]
for (const runs of [usual, changed]) assert.deepEqual(meanOf(runs, 'solved'), { value: 1, low: 1, high: 1 })
const { value, low, high } = ratioOf(changed, usual, 'discarded')
console.log(`by-name throws ${value.toFixed(2)} times as much away as hold (${low.toFixed(2)} to ${high.toFixed(2)}).`)
