import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collectionsIn } from './collections.ts'
import { testSources } from './test-sources.ts'

const root = join(import.meta.dirname, '../..')
const docs = readFileSync(join(root, 'docs/security.md'), 'utf8')
const [, bounds = ''] = /\n## Bounds\n([\s\S]*?)\n## /.exec(docs) ?? []

/** Rows of the tables of the section called `title`, without their heads. */
function rowsOf(title: string): readonly (readonly string[])[] {
  const [, section = ''] = new RegExp(`\n### ${title}\n([\\s\\S]*?)(?=\n### |$)`).exec(bounds) ?? []
  const lines = section.split('\n').filter(line => line.startsWith('|'))
  return lines.slice(2).map(line =>
    line
      .slice(1, -1)
      .split(' | ')
      .map(cell => cell.trim()),
  )
}

const codeIn = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)

const calls = rowsOf('Calls')
const wires = rowsOf('Wires')
const memory = rowsOf('Memory')
const disk = rowsOf('Disk')
const cluster = rowsOf('Cluster')

test('docs/security.md has a row for every method', () => {
  const documented = calls.flatMap(([methods = '']) => codeIn(methods))
  const methods = ['openrpc', 'openrpc-admin'].flatMap(
    file => JSON.parse(readFileSync(join(root, `docs/${file}.json`), 'utf8')).methods as readonly { name: string }[],
  )
  const names = new Set(methods.map(({ name }) => name))
  expect(documented.toSorted()).toEqual([...names].toSorted())
})

/** The folders of what runs in a server. */
const served = ['cluster-nats/src/hub', 'core/src/hub', 'core/src/memory', 'mcp/src', 'server/src', 'store-lmdb/src']
const alsoServed = [
  'agent/src/tools',
  'core/src/wire',
  'transport-sse/src/server',
  'transport-sse/src/legacy/server',
  'transport-ws/src/server',
]

/** Collections that end with a call, never grow, or serve tests alone. */
const shortLived = new Set(['loadSessions.found', 'legacyHandlers.routes', 'virtualClock.timers'])

test('docs/security.md has a row for every collection that a server keeps', () => {
  const found = [...served, ...alsoServed].flatMap(folder =>
    readdirSync(join(root, 'packages', folder), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap(file => collectionsIn(readFileSync(join(root, 'packages', folder, file), 'utf8'))),
  )
  const documented = [...memory, ...disk, ...cluster].flatMap(([, fields = '']) => codeIn(fields))
  expect(documented.toSorted()).toEqual(found.filter(name => !shortLived.has(name)).toSorted())
})

test('every bound in docs/security.md names a test that exists', () => {
  const rows = [...calls, ...wires, ...memory, ...disk, ...cluster]
  expect(rows.length).toBeGreaterThan(40)
  const isTested = (row: readonly string[]) => {
    const titles = codeIn(row.at(-1)!)
    return titles.length > 0 && titles.every(title => testSources.some(text => text.includes(title)))
  }
  expect(rows.filter(row => !isTested(row)).map(([what, , , , title]) => `${what}: ${title}`)).toEqual([])
})
