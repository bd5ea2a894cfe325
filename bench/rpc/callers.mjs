// Callers over HTTP, one connection each.
import { appendLoad } from '../append-load.mjs'
import { httpCaller, post } from '../http-caller.mjs'

await appendLoad(async (port, token) => {
  const caller = await httpCaller(port)
  return text => caller.call(post('/rpc', text, token))
})
