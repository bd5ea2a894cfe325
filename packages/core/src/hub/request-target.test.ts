import { expect, test } from 'vitest'
import { mountPath, targetBelow } from './request-target.ts'

test.each([
  ['/rpc?x=/y', '/rpc?x=/y'],
  ['http://host:1/rpc?x', '/rpc?x'],
  ['//rpc', '//rpc'],
  ['*', '*'],
])('without a prefix, %s is %s', (url, target) => {
  expect(targetBelow()({ url })).toBe(target)
})

test.each([
  ['/chat/rpc?x', '/rpc?x'],
  ['http://host/chat/ws', '/ws'],
  ['/chat', '/'],
  ['/chat?x', '/?x'],
  ['/chat/', '/'],
  ['/chatter/rpc', undefined],
  ['/rpc', undefined],
  ['/Chat/rpc', undefined],
  ['/x/chat/rpc', undefined],
  ['', undefined],
])('below /chat, %s is %s', (url, target) => {
  for (const prefix of ['/chat', '/chat/', 'chat']) expect(targetBelow(prefix)({ url })).toBe(target)
})

test('a framework that removed the prefix keeps the whole target', () => {
  expect(targetBelow('/chat')({ url: '/rpc', originalUrl: '/chat/rpc' })).toBe('/rpc')
  expect(targetBelow('/api/chat')({ url: '/chat/rpc', originalUrl: '/api/chat/rpc?x' })).toBe('/rpc?x')
  expect(targetBelow('/chat')({ url: '/chat/rpc', originalUrl: '/api/chat/rpc' })).toBe('/rpc')
  expect(targetBelow('/chat')({ url: '/rpc', originalUrl: '/talk/rpc' })).toBeUndefined()
})

test('a prefix is a path', () => {
  expect(['', '/', '/a/b/', 'a', '//a', '/größe'].map(mountPath)).toEqual([
    '',
    '',
    '/a/b',
    '/a',
    '/a',
    '/gr%C3%B6%C3%9Fe',
  ])
  for (const wrong of ['/a?b', '/a#b', '/a b']) expect(() => mountPath(wrong)).toThrow(TypeError)
})
