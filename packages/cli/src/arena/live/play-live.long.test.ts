import { allScenarios, authorNames, dealTask, measure, policies } from '@midsentence/arena'
import { fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { answerByPlan } from '@midsentence/testing/agent/plan-model'
import { expect, test } from 'vitest'
import { playLive } from './play-live.ts'

const names = authorNames.slice(0, 3)
const described = allScenarios.filter(scenario => dealTask(scenario, names, 1).brief !== undefined)

test.each(described)('perfect models under hold solve $name, with its news at their times', async scenario => {
  const task = dealTask(scenario, names, 1)
  const endpoint = await fakeEndpoint(async exchange => {
    exchange.open()
    for (const word of answerByPlan(exchange, names, task).match(/\s*\S+\s*/g)!) {
      await new Promise(resolve => setTimeout(resolve, 5))
      exchange.bit(word)
    }
    exchange.finish()
  })
  const { ending, result } = await playLive(
    {
      ...{ scenario, policy: policies[0], seed: 1, participants: 3, settings: {} },
      ...{ endpoints: [{ model: 'm', baseURL: endpoint.url }], budget_tokens: 1e7, limit_ms: 300_000 },
    },
    new AbortController().signal,
  )
  expect(ending).toBe('at rest')
  expect(measure(result)).toMatchObject({ finished: 1, solved: 1, crossings: 0 })
})
