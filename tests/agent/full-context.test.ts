import { expect, test } from 'vitest'
import { setUp, streamAnswer } from './conversation.ts'

const refusal = (prompt: number, size: number) => ({
  error: {
    code: 400,
    message: `request (${prompt} tokens) exceeds the available context size (${size} tokens), try increasing it`,
    type: 'exceed_context_size_error',
  },
})

/** Says ten long messages that the model answers. */
async function talk({ say, said }: Awaited<ReturnType<typeof setUp>>): Promise<void> {
  for (let n = 1; n <= 10; n++) {
    await say(`Message ${n}: ${'word '.repeat(100)}`)
    await expect.poll(() => said().length, { timeout: 5000, interval: 5 }).toBe(n)
  }
}

test.each([400, 200])('a full context shortens the past and asks again, by status %i', async status => {
  const sizes: number[] = []
  const accepted: string[] = []
  const room = await setUp(exchange => {
    const size = Math.ceil(JSON.stringify(exchange.messages).length / 4)
    sizes.push(size)
    if (size <= 600) {
      accepted.push(JSON.stringify(exchange.messages))
      return streamAnswer(exchange, 'I see.')
    }
    const body = JSON.stringify(refusal(size, 600))
    return exchange.res.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await talk(room)
  const refused = sizes.filter(size => size > 600).length
  expect(refused).toBeGreaterThan(0)
  // The past stays short: only a few prompts are refused.
  expect(refused).toBeLessThan(6)
  expect(room.troubles()).toHaveLength(refused)
  expect(room.troubles()[0]).toMatch(
    /^The model llama cannot take a prompt of this length \(400\): request \(\d+ tokens\) exceeds the available context size \(600 tokens\), try increasing it\. It is asked again with less of what was said before\.$/,
  )
  expect(accepted.at(-1)).toContain('Message 10:')
  expect(accepted.at(-1)).toContain('What was said before this is left out here.')
})

test('a message that does not fit the context alone ends the conversation in a sentence', async () => {
  const { say, ended, endpoint } = await setUp(({ res }) =>
    res
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: 'Cannot truncate prompt with n_keep (900) >= n_ctx (512)' })),
  )
  await say('Hello?')
  const { reason, sentence, tokens } = await ended
  expect([reason, tokens, endpoint.calls]).toEqual(['failed', 0, 1])
  expect(sentence).toBe(
    'The model llama cannot take a prompt of this length (400): Cannot truncate prompt with n_keep (900) >= n_ctx (512). Load the model with a longer context, or shorten its persona.',
  )
})

test('with the size of the context known, no prompt is longer, and the newest message is always there', async () => {
  const prompts: string[] = []
  const room = await setUp(
    exchange => {
      prompts.push(JSON.stringify(exchange.messages))
      streamAnswer(exchange, 'I see.')
    },
    { context: 800 },
  )
  await talk(room)
  expect(prompts).toHaveLength(10)
  // A quarter is kept free for the answer.
  for (const [at, prompt] of prompts.entries()) {
    expect(prompt.length / 4).toBeLessThanOrEqual(620)
    expect(prompt).toContain(`Message ${at + 1}:`)
  }
  expect(room.troubles()).toEqual([])
})
