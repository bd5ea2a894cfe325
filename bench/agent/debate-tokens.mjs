// Tokens of a debate of two scripted models with 50 turns in all, as the loop and with tools: `npm run bench:debate`. Every
// token is a quarter of the characters that a model is sent or writes. Deterministic: virtual time, no randomness.
import { converse } from '@midsentence/agent'
import { roomTools } from '@midsentence/agent/tools'
import { join, virtualClock } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'

const TURNS = 50
const WORD_MS = 10

/** Three sentences of a debater, 40 words in all. */
const remarks = (name, turn) =>
  `This is what I, ${name}, think of point ${turn}: it is right as far as it goes. ` +
  'But what you have just said leaves out the cost, which somebody has to bear in the end. ' +
  'So let me ask you what you would do about it.'

const tokens = characters => Math.ceil(characters / 4)

const tick = () => new Promise(resolve => setImmediate(resolve))

/** Advances the clock until `promise` has settled. */
async function settled(clock, promise) {
  let done = false
  promise.finally(() => {
    done = true
  })
  for (let step = 0; !done; step++) {
    await clock.advance(5)
    await tick()
    if (step > 1e6) throw new Error('The debate does not end.')
  }
  return promise
}

/** Creates a model that streams its remarks a word each 10 ms, and keeps one part of a draft that it reviews. */
function debater(name, clock, count) {
  let turn = 0
  return {
    specificationVersion: 'v3',
    provider: 'bench',
    modelId: name,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('This model only streams.')),
    async doStream({ prompt, abortSignal }) {
      const texts = prompt.flatMap(({ content }) =>
        typeof content === 'string' ? [content] : content.map(({ text }) => text),
      )
      for (const text of texts) count.input += text.length
      const asked = texts.at(-1)
      const isReview = /In the first line of your answer/.test(asked)
      const verdict = asked.includes('KEEP') ? 'KEEP 1' : '1'
      const answer = isReview ? `${verdict}\nHaving read that, I would add one thing more.` : remarks(name, ++turn)
      const words = answer.match(/\s*\S+/g)
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue({ type: 'text-start', id: '1' })
          const next = () => {
            if (abortSignal?.aborted) return controller.error(abortSignal.reason)
            const word = words.shift()
            if (word !== undefined) {
              count.output += word.length
              controller.enqueue({ type: 'text-delta', id: '1', delta: word })
              return clock.after(WORD_MS, next)
            }
            controller.enqueue({ type: 'text-end', id: '1' })
            const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }
            controller.enqueue({ type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage })
            controller.close()
          }
          clock.after(WORD_MS, next)
        },
      })
      return { stream }
    },
  }
}

async function withLoop() {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 })
  const count = { input: 0, output: 0 }
  const stopping = new AbortController()
  const participants = []
  for (const username of ['Claude', 'GPT'])
    participants.push(await settled(clock, join({ transport: room.peer(), username, clock })))
  const loops = participants.map((participant, at) =>
    converse({
      model: debater(participant.name, clock, count),
      room: participant,
      clock,
      begins: at === 0,
      budget: { turns: TURNS / 2, tokens: Number.POSITIVE_INFINITY },
      signal: stopping.signal,
    }),
  )
  await settled(clock, Promise.race(loops))
  stopping.abort()
  await settled(clock, Promise.all(loops))
  return { messages: room.messages.length, ...count }
}

/** Each turn checks, then appends three sentences and pushes them. In every fifth turn the other one speaks in between. */
async function withTools() {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 })
  const count = { input: 0, output: 0 }
  const debaters = []
  for (const username of ['Claude', 'GPT']) {
    const participant = await settled(clock, join({ transport: room.peer(), username, clock }))
    const { call, definitions } = roomTools(participant, { clock })
    const schemas = definitions.map(({ name, description, parameters }) => ({ name, description, parameters }))
    debaters.push({ name: username, call, read: undefined, context: JSON.stringify(schemas).length })
  }
  /** One generation: the model is sent all that was said so far, and writes its calls. */
  const generate = async (each, calls) => {
    count.input += each.context
    const turn = {}
    let result
    for (const [name, args] of calls) {
      const written = JSON.stringify({ name, arguments: args }).length
      count.output += written
      result = await settled(clock, each.call(name, args, { turn }))
      each.context += written + result.text.length
      each.read = /Read code: (\S+)\.$/m.exec(result.text)?.[1] ?? each.read
    }
    // A new turn: the codes and the held answers of older versions tell turns apart by time.
    await settled(clock, new Promise(resolve => clock.after(1000, resolve)))
    return result
  }
  const coded = ({ read }) => (read === undefined ? {} : { read })
  const speak = async (each, turn, between) => {
    const appends = remarks(each.name, turn)
      .match(/[^.?]+[.?]/g)
      .map(text => ['append', { text }])
    if (between) {
      await generate(each, appends)
      await between()
    }
    let result = await generate(each, [...(between ? [] : appends), ['push', coded(each)]])
    for (; result.data?.held; ) result = await generate(each, [['push', coded(each)]])
  }
  for (let turn = 1; turn <= TURNS; turn++) {
    const [each, other] = turn % 2 === 0 ? [...debaters].reverse() : debaters
    await generate(each, [['check', { timeout_ms: 0, ...coded(each) }]])
    await speak(each, turn, turn % 5 === 0 ? () => speak(other, turn) : undefined)
  }
  return { messages: room.messages.length, ...count }
}

for (const [way, run] of Object.entries({ loop: withLoop, tools: withTools })) {
  const { messages, input, output } = await run()
  const [read, written] = [tokens(input), tokens(output)]
  console.log(`${way}: ${messages} messages, ${read} tokens read, ${written} written, ${read + written} in all`)
}
process.exit()
