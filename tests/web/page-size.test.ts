import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { pageFolder } from './person.ts'

const assets = existsSync(`${pageFolder}/assets`) ? readdirSync(`${pageFolder}/assets`) : []
const scripts = assets.filter(name => name.endsWith('.js'))
const textOf = (name: string) => readFileSync(`${pageFolder}/assets/${name}`, 'utf8')
const bytesOf = (names: readonly string[]) =>
  names.reduce((sum, name) => sum + gzipSync(textOf(name), { level: 9 }).length, 0)

/** Loaded when a message, the score or a server without WebSockets needs them. */
const isLazy = (name: string) => /^(render-markdown|score|client|legacy|reconnecting-stream)/.test(name)

// The page is built before `npm test`, in a clone of any kind.
test('lobby and talk load at most 60 kB of script, gzipped, and Markdown at most 30 kB more', () => {
  expect(scripts.length).toBeGreaterThan(3)
  expect(bytesOf(scripts.filter(name => !isLazy(name)))).toBeLessThanOrEqual(60_000)
  expect(bytesOf(scripts.filter(name => name.startsWith('render-markdown')))).toBeLessThanOrEqual(30_000)
  expect(bytesOf(assets.filter(name => name.endsWith('.css')))).toBeLessThanOrEqual(10_000)
})

test('the page itself loads its first scripts and one style, by relative addresses, and contains no code', () => {
  const index = readFileSync(`${pageFolder}/index.html`, 'utf8')
  const loaded = [...index.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!)
  expect(loaded.map(address => address.replace(/-[\w-]+\./, '-hash.'))).toEqual([
    './icon.svg',
    './assets/index-hash.js',
    './assets/socket-hash.js',
    './assets/index-hash.css',
  ])
  expect(index).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/)
})

test('the parts that are not needed at first are not in the first script', () => {
  const first = scripts.find(name => name.startsWith('index-'))!
  for (const lazy of scripts.filter(isLazy)) expect(textOf(first)).not.toContain(textOf(lazy).slice(0, 200))
  expect(textOf(first)).not.toContain('DOMPurify')
})

test('every asset is there compressed too', () => {
  const plain = assets.filter(name => /\.(js|css)$/.test(name))
  expect(plain.filter(name => !assets.includes(`${name}.gz`) || !assets.includes(`${name}.br`))).toEqual([])
})
