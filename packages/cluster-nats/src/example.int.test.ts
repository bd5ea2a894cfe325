import { readFileSync } from 'node:fs'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'

test.skipIf(skipsNats)('the example in the README runs, and another server continues its draft', async () => {
  const [, example] = /```js\n([\s\S]+?)```/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8'))!
  const nats = await startNats()
  onTestFinished(() => nats.close())
  const [url] = nats.urls as [string]
  const here = example!.replace('nats://127.0.0.1:4222', url)
  const again = `
    const other = await natsCluster({ servers: [${JSON.stringify(url)}] })
    const next = await openClusterHub({ ...other })
    const { token } = ada.joinResult
    await next.loadRoomOf(token)
    console.log((await next.enter(token).resume()).suffix)
    await next.close()
    await other.close()
  `
  const { code, stdout, stderr } = await node(['--input-type=module', '-e', here + again], { onTestFinished }).ended
  expect([code, stdout, stderr]).toEqual([0, 'I was about to\n', ''])
})
