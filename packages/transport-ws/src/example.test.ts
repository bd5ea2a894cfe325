import { readFileSync } from 'node:fs'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { node } from '@midsentence/testing/node-process'
import { expect, test } from 'vitest'

test('the README example runs as printed, on another port', async ({ onTestFinished }) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n(.*?)```/s.exec(readme)![1]!
  const script = `${example.replaceAll('8890', `${await freePort()}`)}
await ada.append('anyone here?')
console.log(ada.name, (await ada.push()).seq)
process.exit()`
  const { code, stdout, stderr } = await node(['--input-type=module', '--eval', script], { onTestFinished }).ended
  expect([code, stdout, stderr]).toEqual([0, 'Ada 1\n', ''])
})

test('a script without close() exits by itself', async ({ onTestFinished }) => {
  const port = await freePort()
  const script = `
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { AsyncChatRoom } from '@midsentence/client'
import { wsUpgrade } from '@midsentence/transport-ws/server'
const server = createServer().on('upgrade', wsUpgrade(await openHub()).upgrade).listen(${port}, '127.0.0.1')
server.on('connection', socket => socket.unref())
const room = new AsyncChatRoom({ url: 'ws://127.0.0.1:${port}', username: 'Ada' })
await room.append('hello')
console.log(JSON.stringify(await room.push()))
server.unref()`
  const { code, stdout, stderr } = await node(['--input-type=module', '--eval', script], { onTestFinished }).ended
  expect([code, stdout, stderr]).toEqual([0, '""\n', ''])
})
