import { testTools } from '@midsentence/conformance'
import type { Client } from '@modelcontextprotocol/client'
import { calling, httpTools } from '../tools/mcp-tools.ts'
import { toolsOfServer } from '../tools/server-tools.ts'
import { httpEndpoint, stateFolder, stdioHost } from './hosts.ts'

/** A host that does not name turns: a turn lasts a second of real time. */
const nextTurn = () => new Promise<void>(resolve => setTimeout(resolve, 1000))

const overStdio = toolsOfServer(async server => {
  const host = await stdioHost('2025-11-25', [server.url, '--name', 'Claude'], await stateFolder())
  const client = host.client as Client
  return {
    call: calling(client),
    nextTurn,
    // The server reads its input in order.
    settle: async () => void (await client.ping()),
    close: () => client.close(),
  }
})

const overHttp = toolsOfServer(async server =>
  httpTools(server, { url: await httpEndpoint(server.url), send: fetch, nextTurn }),
)

testTools('midsentence mcp over stdio', overStdio, { runs: 5 })
testTools('midsentence mcp --http', overHttp, { runs: 5 })
