import { testRoomLog, testScoreLog, testSessionLog } from '@midsentence/conformance'
import { natsHarness } from '@midsentence/testing/nats/nats-harness'
import { missingNats, type NatsServers, skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { afterAll, beforeAll, describe } from 'vitest'

const why = skipsNats ? ` (${missingNats})` : ''

for (const servers of [1, 3]) {
  describe.skipIf(skipsNats)(`logs on ${servers} NATS servers${why}`, () => {
    let nats: NatsServers
    beforeAll(async () => {
      nats = await startNats({ servers })
    })
    afterAll(() => nats.close())
    const options = { runs: servers === 1 ? 20 : 5, timeout: 600_000 }

    testRoomLog('the room log in JetStream', () => natsHarness(nats, ({ log }) => log), options)
    testSessionLog('the session log in JetStream', () => natsHarness(nats, ({ sessions }) => sessions), options)
    testScoreLog('the scores in JetStream', () => natsHarness(nats, ({ scores }) => scores), options)
  })
}
