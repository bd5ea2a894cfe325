// A process is killed in the middle of a sentence; another one goes on with its journal, and sends what it wrote.
// A mock room lives and dies with its process, so the second process also finds a new room: it is told so, and the
// draft is kept all the same. Over a server that outlives its clients, the session goes on too.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AsyncChatRoom } from '@midsentence/client'
import { fileJournal } from '@midsentence/client/node'
import { mockRoom } from '@midsentence/transport-mock'

const writer = (room, path) =>
  new AsyncChatRoom({ username: 'Ada', transport: room.peer(), journal: fileJournal(path) })

if (process.argv[2]) {
  const ada = writer(mockRoom(), process.argv[2])
  await ada.append('Whoever reads this: ')
  await ada.append('the tests failed because ')
  // What is acknowledged is in the journal.
  process.send('two segments written')
  process.once('disconnect', () => process.exit(1))
  await ada.check()
} else {
  const folder = await mkdtemp(join(tmpdir(), 'midsentence-'))
  const path = join(folder, 'ada.journal')
  const child = fork(fileURLToPath(import.meta.url), [path])
  await once(child, 'message')
  child.kill('SIGKILL')
  const [, signal] = await once(child, 'exit')
  assert.equal(signal, 'SIGKILL')

  const room = mockRoom()
  const ben = new AsyncChatRoom({ username: 'Ben', transport: room.peer() })
  const ada = writer(room, path)
  const reading = ben.check()
  assert.equal(
    await ada.preview(),
    '* The room was restarted and you joined it again. Your draft is kept.\n' +
      '* Your draft so far:\n    Whoever reads this: the tests failed because ',
  )
  await ada.append('the clock was wrong.')
  assert.equal(await ada.push(), '')
  console.log(await reading)
  await ada.close()
  await rm(folder, { recursive: true })
}
