// Callers over HTTP, a connection each.
import { appending } from '../appending.mjs'
import { httpCaller, post } from '../http-caller.mjs'

await appending(async (port, token) => {
  const line = await httpCaller(port)
  return text => line.call(post('/rpc', text, token))
})
