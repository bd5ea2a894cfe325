import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { type NatsClusterOptions, natsCluster } from './nats-cluster.ts'

const cases: readonly [syncAlways: true | undefined, Partial<NatsClusterOptions>, string][] = [
  [undefined, {}, 'replicated'],
  [true, { sync: 'always' }, 'replicated-flushed'],
]

test.skipIf(skipsNats).each(cases)(
  '[G18] durability says what three NATS servers give',
  async (syncAlways, more, durability) => {
    const nats = await startNats({ servers: 3, ...(syncAlways && { syncAlways }) })
    onTestFinished(() => nats.close())
    const cluster = await natsCluster({ servers: nats.urls, ...more })
    onTestFinished(() => cluster.close())
    expect([cluster.replicas, cluster.logs.durability]).toEqual([3, durability])
  },
)
