import { sentMessage } from '@midsentence/testing/logs/filled-store'
import { describeNats } from '@midsentence/testing/nats/nats-tests'
import { expect, onTestFinished, test } from 'vitest'
import { verifyRoom } from '../copies/verify-cluster.ts'
import { openCluster } from '../nats-cluster.ts'

describeNats('three NATS servers that fail', { servers: 3 }, ({ nats, options }) => {
  test.each(['killed', 'suspended'] as const)(
    'the leader of a stream is %s: nothing is lost or double',
    async fault => {
      const cluster = await openCluster(options())
      onTestFinished(() => cluster.close())
      const { logs, names } = cluster
      const { log } = await logs.claim('lobby', 'a')
      let seq = 0
      /** Appends messages until `count` more are acknowledged. An unknown outcome is looked up, as a hub does. */
      const write = async (count: number): Promise<void> => {
        for (const end = seq + count; seq < end; ) {
          try {
            await log.append('lobby', [sentMessage(seq + 1)], String(seq))
            seq++
          } catch (error) {
            expect(error).toMatchObject({ code: 'unavailable', data: { unknown: true } })
            seq = Number(await log.head('lobby'))
          }
        }
      }
      await write(100)
      const name = await nats().servers[0]!.leaderOf(names.logs[0]!)
      const leader = nats().servers.find(server => server.name === name)!
      const writing = write(300)
      if (fault === 'killed') await leader.kill()
      else leader.suspend()
      await writing
      if (fault === 'killed') await leader.restart()
      else leader.resume()
      await write(100)
      const next = await logs.claim('lobby', 'b')
      expect((await next.log.messages('lobby', 0, 1000)).map(message => message.seq)).toEqual(
        Array.from({ length: seq }, (_, nth) => nth + 1),
      )
      expect(await verifyRoom(logs, 'lobby')).toMatchObject({ messages: seq, problems: [] })
    },
  )
})
