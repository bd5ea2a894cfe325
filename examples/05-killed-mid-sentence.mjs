// A process is killed in the middle of a sentence; another continues from its journal and sends the draft.
// The mock room ends with its process, so the second process joins a new room, reads so, and keeps the draft. With a
// server that outlives its clients, the session continues too.
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
  await ada.append('For the next shift: ')
  await ada.append('the tests failed because ')
  // Each acknowledged append is in the journal.
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
  const check = ben.check()
  assert.equal(
    await ada.preview(),
    '* This is a new room: the server lost the old one, and you joined again. Your draft is kept.\n' +
      '* Your draft so far:\n    For the next shift: the tests failed because ',
  )
  await ada.append('the clock was wrong.')
  assert.equal(await ada.push(), '')
  console.log(await check)
  await ada.close()
  await rm(folder, { recursive: true })
}
