import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StorageLike, storageJournal } from '@midsentence/client'
import { type FileJournalOptions, fileJournal } from '@midsentence/client/node'
import { type StoreHarness, testJournal, testRoomLog, testSessionLog } from '@midsentence/conformance'
import { type Journal, memoryJournal, memoryLog, memorySessions } from '@midsentence/core'
import { slowRuns } from '@midsentence/testing/properties'

testRoomLog('the room log in memory', () => ({ open: () => memoryLog(), close: async () => {} }), { runs: slowRuns })

testSessionLog('the session log in memory', () => ({ open: memorySessions, close: async () => {} }), { runs: slowRuns })

testJournal(
  'the journal in memory',
  () => {
    const journal = memoryJournal()
    return { open: () => journal, reopen: () => journal, close: async () => {} }
  },
  { runs: slowRuns },
)

/** A crash copies the file as it is, and the journal opens the copy. */
const fileBench = (options: FileJournalOptions) => (): StoreHarness<Journal> => {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  const opened: Journal[] = []
  let crashes = 0
  const path = () => join(folder, `${crashes}.journal`)
  const open = () => {
    const journal = fileJournal(path(), options)
    opened.push(journal)
    return journal
  }
  return {
    open,
    reopen: open,
    crash: () => {
      const before = path()
      crashes++
      if (existsSync(before)) copyFileSync(before, path())
    },
    close: async () => {
      await Promise.all(opened.map(journal => journal.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

testJournal('the journal in a file', fileBench({}), { runs: slowRuns / 2 })
testJournal('the journal in a file, flushed', fileBench({ flush: true }), { runs: slowRuns / 5 })

/** The part of a page's storage that a journal uses. */
const storageOf = (content: Map<string, string>): StorageLike => ({
  getItem: key => content.get(key) ?? null,
  setItem: (key, value) => void content.set(key, value),
  removeItem: key => void content.delete(key),
})

testJournal(
  'the journal in a page’s storage',
  () => {
    let content = new Map<string, string>()
    const open = () => storageJournal(storageOf(content), 'draft')
    return {
      open,
      reopen: open,
      crash: () => {
        content = new Map(content)
      },
      close: async () => {},
    }
  },
  { runs: slowRuns },
)
