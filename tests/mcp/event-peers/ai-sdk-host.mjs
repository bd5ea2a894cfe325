// A host made with the AI SDK 2: it subscribes by a webhook, prints each event, refreshes and unsubscribes. Then it answers by the
// tools.
// node ai-sdk-host.mjs MCP_URL TOKEN
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createMCPClient, experimental_createMCPEventWebhook } from '@ai-sdk/mcp'

const [url, token] = process.argv.slice(2)
const subscriptions = new Map()
const store = {
  get: async key => subscriptions.get(key),
  getById: async id => [...subscriptions.values()].find(each => each.id === id),
  set: async subscription => void subscriptions.set(subscription.key, subscription),
  update: async (key, patch) => void subscriptions.set(key, { ...subscriptions.get(key), ...patch }),
  delete: async key => void subscriptions.delete(key),
}
const print = value => process.stdout.write(`${JSON.stringify(value)}\n`)

let onSecond
const second = new Promise(resolve => {
  onSecond = resolve
})
let count = 0
const handle = experimental_createMCPEventWebhook({
  store,
  onEvent: ({ event }) => {
    print({ event: event.data.content, cursor: event.cursor })
    count++
    if (count === 2) onSecond()
  },
})
const hook = createServer(async (req, res) => {
  const body = await text(req)
  const request = new Request(`http://${req.headers.host}${req.url}`, { method: 'POST', headers: req.headers, body })
  const response = await handle(request)
  res.writeHead(response.status).end(await response.text())
})
await new Promise(resolve => hook.listen(0, '127.0.0.1', resolve))

const client = await createMCPClient({
  transport: { type: 'http', url, headers: { authorization: `Bearer ${token}` } },
  experimental_events: { store },
})
const events = client.experimental_events
const { events: listed } = await events.list()
print({ listed: listed.map(({ name, delivery }) => [name, delivery]) })
const delivery = {
  mode: 'webhook',
  url: `http://127.0.0.1:${hook.address().port}/hook`,
  allowInsecureLocalhost: true,
}
const { id } = await events.subscribe({ name: 'message', arguments: { only_people: true }, delivery })
print({ subscribed: id })
await second
const refreshed = await events.refresh({ id })
print({ refreshed: refreshed.id === id, cursor: refreshed.cursor })
await events.unsubscribe({ id })
print({ left: subscriptions.size })
const tools = await client.tools()
const run = async (name, input) => {
  const { content } = await tools[name].execute(input, { toolCallId: '1', messages: [] })
  return content[0].text
}
const heard = await run('append', { text: 'Three.' })
const [, read] = /Read code: (\S+)\.$/.exec(heard)
print({ tools: Object.keys(tools), heard: heard.split('\n').slice(0, 2), pushed: await run('push', { read }) })
await client.close()
hook.close()
hook.closeAllConnections()
