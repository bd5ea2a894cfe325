import type { NatsClusterOptions } from '@midsentence/cluster-nats'
import { afterAll, beforeAll, describe } from 'vitest'
import { missingNats, type NatsServers, type NatsServersOptions, skipsNats, startNats } from './nats-servers.ts'

/** NATS servers that the tests of a file share. */
export interface SharedNats {
  nats(): NatsServers
  /** Options of a cluster with a prefix that no other test has. */
  options(): NatsClusterOptions
}

let prefixes = 0

/** Registers tests that share NATS servers. Skips them with a reason where there is no nats-server, except under CI. */
export function describeNats(name: string, options: NatsServersOptions, register: (shared: SharedNats) => void): void {
  describe.skipIf(skipsNats)(skipsNats ? `${name} (${missingNats})` : name, () => {
    let nats: NatsServers | undefined
    beforeAll(async () => {
      nats = await startNats(options)
    })
    afterAll(() => nats?.close())
    const started = (): NatsServers => {
      if (!nats) throw new Error('The NATS servers are not started.')
      return nats
    }
    register({
      nats: started,
      options: () => ({ servers: started().urls, prefix: `p${process.pid}-${prefixes++}`, partitions: 1 }),
    })
  })
}
