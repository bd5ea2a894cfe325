// Echoes JSON with node:http: parses the body and serialises it again.
import { once } from 'node:events'
import { createServer } from 'node:http'

export async function open() {
  const server = createServer((req, res) => {
    const chunks = []
    req.on('data', chunk => chunks.push(chunk))
    req.on('end', () => {
      const answer = Buffer.from(JSON.stringify(JSON.parse(Buffer.concat(chunks).toString())))
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
      res.end(answer)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: server.address().port, tokens: [] }
}
