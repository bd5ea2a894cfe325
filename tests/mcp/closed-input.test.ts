import { test } from 'vitest'
import { closedInput } from './closed-input.ts'

test('a host that closes the input right after a call ends the server quietly, and what was answered is kept', async context => {
  const [byName, byToken] = await Promise.all([closedInput('name', context), closedInput('token', context)])
  await Promise.all([
    byName.round({ tool: 'append', delay: 0, reads: false }),
    byToken.round({ tool: 'check', delay: 10, reads: true }),
  ])
  await byName.round({ tool: 'push', delay: 5, reads: true })
  await byName.expectAllSent()
})
